#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"

namespace skein::results {

enum class CopyFormat { kText, kCsv, kBinary };
enum class CopyDirection { kTo, kFrom };
enum class CopyHeader { kNone, kWrite, kMatch };

/// How the data of a COPY to or from the client is laid out: PostgreSQL 16's options, checked and
/// with its defaults filled in.
struct CopyLayout {
  /// FORCE_QUOTE and the like: all columns, or the named ones.
  struct Columns {
    bool all = false;
    std::vector<std::string> names;
  };

  /// The options as a statement gives them; what it does not name has no value.
  struct Request {
    CopyFormat format = CopyFormat::kText;
    CopyHeader header = CopyHeader::kNone;
    std::optional<std::string> delimiter{};
    std::optional<std::string> null_text{};
    std::optional<std::string> default_text{};
    std::optional<std::string> quote{};
    std::optional<std::string> escape{};
    std::optional<std::string> encoding{};
    Columns force_quote{};
    Columns force_not_null{};
    Columns force_null{};
  };

  CopyFormat format = CopyFormat::kText;
  CopyHeader header = CopyHeader::kNone;
  char delimiter = '\t';
  char quote = '"';
  char escape = '"';
  std::string null_text = "\\N";
  /// What stands for the column's default (FROM); nullopt: nothing does.
  std::optional<std::string> default_text;
  Columns force_quote;
  Columns force_not_null;
  Columns force_null;

  /// Checks each option and all together, with PostgreSQL's words and SQLSTATEs: 42601 for what
  /// binary has not, 22023 for a wrong value, 0A000 for options that do not go together, and for an
  /// ENCODING that is not UTF-8, which all text is here.
  static Result<CopyLayout> Make(CopyDirection direction, Request request);
};

/// Names of columns are the same in any case of (ASCII) letters, as for the engine.
bool SameName(std::string_view a, std::string_view b);

/// For each of `columns` whether `named` means it; 42P10 when it names one that is not there.
/// `option` is its name, for the message.
Result<std::vector<bool>> MarkColumns(const std::vector<std::string>& columns,
                                      const CopyLayout::Columns& named, const char* option);

}  // namespace skein::results
