#include "distributed/row_range.h"

#include <algorithm>

namespace skein::distributed {
namespace {

/// Readers handle so many rows at a time.
constexpr uint64_t kVector = 2048;

}  // namespace

RowRange::RowRange(uint64_t first, uint64_t end, uint64_t rows)
    : first_(first),
      end_(end),
      likely_end_(rows < end - first ? first + rows : end),
      claimed_(first),
      group_end_(first),
      group_rows_(kUsualGroup) {}

void RowRange::Open() {
  std::lock_guard lock(mu_);
  open_ = true;
}

bool RowRange::BeginGroup(uint64_t first, uint64_t end) {
  std::lock_guard lock(mu_);
  if (end <= first_ || first >= end_) return false;
  claimed_ = std::max(claimed_, std::min(first, end_));
  if (end > group_end_) {
    group_end_ = end;
    group_rows_ = std::max<uint64_t>(1, end - first);
  }
  return true;
}

RowRange::Bounds RowRange::Claim(uint64_t to) {
  std::lock_guard lock(mu_);
  claimed_ = std::max(claimed_, std::min(to, end_));
  return {first_, end_};
}

uint64_t RowRange::LeftLocked() const {
  return !open_ || claimed_ >= likely_end_ ? 0 : likely_end_ - claimed_;
}

uint64_t RowRange::left() const {
  std::lock_guard lock(mu_);
  return LeftLocked();
}

std::optional<RowRange::Back> RowRange::HandOnBack() {
  std::lock_guard lock(mu_);
  const uint64_t left = LeftLocked();
  if (left < 2 * kLeast) return std::nullopt;
  uint64_t from = 0;
  if (likely_end_ >= group_end_ + kLeast) {
    // Whole row groups, as long as there are some that are not begun.
    const uint64_t groups = (likely_end_ - group_end_ + group_rows_ - 1) / group_rows_;
    const uint64_t kept = std::max(claimed_ + left / 2, group_end_) - group_end_;
    from = group_end_ + std::min((kept + group_rows_ / 2) / group_rows_, groups - 1) * group_rows_;
    // What nobody has begun to read keeps its first row group.
    if (from <= claimed_) from = claimed_ + group_rows_;
    if (from >= likely_end_) from = 0;
  }
  if (from == 0) {
    if (left < kLeastOfGroup) return std::nullopt;
    from = claimed_ + left / 2;
    from += (kVector - (from - first_) % kVector) % kVector;
  }
  if (from >= likely_end_) return std::nullopt;
  const Back back{{from, end_}, likely_end_ - from};
  end_ = likely_end_ = from;
  return back;
}

RowRange::Bounds RowRange::Close() {
  std::lock_guard lock(mu_);
  open_ = false;
  return {first_, end_};
}

}  // namespace skein::distributed
