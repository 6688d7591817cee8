#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

namespace skein::distributed {

/// The rows of a file that one task reads while it reads them, in their order: [first, end).
/// Another task of the same process that has nothing left to read may take the back of them, half
/// of what is left; the end then comes nearer, but never before a row that the reader has claimed.
/// So each row is one task's, however far anybody has come. Nothing is handed on of what is not
/// open: before the reader says that it keeps to the bounds, and after Close.
///
/// What it hands on begins with a row group where there is one that is not begun. A row group that
/// is being read is divided only when it is large: both who read it decompress all of it.
/// Thread-safe; the reader may have several threads.
class RowRange {
 public:
  /// Of row groups that nobody has seen yet: what DuckDB writes.
  static constexpr uint64_t kUsualGroup = 122880;
  /// Fewer are not worth opening the file for.
  static constexpr uint64_t kLeast = 16384;
  /// Of a row group that is being read.
  static constexpr uint64_t kLeastOfGroup = 2 * kUsualGroup;

  /// `rows`: how many there are, estimated, as `end` may be beyond the end of the file.
  RowRange(uint64_t first, uint64_t end, uint64_t rows);

  void Open();
  /// The reader comes to the row group of rows [first, end): false when none of them is in the
  /// range.
  bool BeginGroup(uint64_t first, uint64_t end);

  struct Bounds {
    uint64_t first = 0;
    uint64_t end = 0;
  };
  /// Rows before `to` are decided by the reader: those within the bounds that this gives are its.
  Bounds Claim(uint64_t to);

  /// How many rows could be handed on, about.
  uint64_t left() const;
  /// What the reader leaves to others, behind its own rows; nothing when too few are left. Its rows
  /// are estimated as in the constructor.
  struct Back {
    Bounds bounds;
    uint64_t rows = 0;
  };
  std::optional<Back> HandOnBack();
  /// Gives the bounds, which stay now.
  Bounds Close();

 private:
  uint64_t LeftLocked() const;

  const uint64_t first_;
  mutable std::mutex mu_;
  uint64_t end_;         // guarded by mu_
  uint64_t likely_end_;  // guarded by mu_
  uint64_t claimed_;     // rows before it are; guarded by mu_
  uint64_t group_end_;   // of the last row group that was begun; guarded by mu_
  uint64_t group_rows_;  // guarded by mu_
  bool open_ = false;    // guarded by mu_
};

}  // namespace skein::distributed
