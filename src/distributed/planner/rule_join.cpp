#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/operator/logical_any_join.hpp"
#include "duckdb/planner/operator/logical_comparison_join.hpp"

#include "distributed/fragment/exchange_scan.h"
#include "distributed/planner/cutter.h"

namespace skein::distributed {
namespace {

using duckdb::ExpressionType;
using duckdb::JoinType;

/// A side estimated at so many times what is small may turn out to be small.
constexpr double kFewTimes = 20;
/// A side is filtered by the keys of another that is so many times smaller.
constexpr double kMuchSmaller = 2;
/// A side that may filter one that has all its rows is made first when it is so many times larger
/// at most.
constexpr double kNotMuchLarger = 8;

/// The right side may be in every task while the left is split: no row of the right side is
/// answered for on its own.
bool RightMayRepeat(JoinType type) {
  switch (type) {
    case JoinType::INNER:
    case JoinType::LEFT:
    case JoinType::SEMI:
    case JoinType::ANTI:
    case JoinType::MARK:
    case JoinType::SINGLE:
      return true;
    default:
      return false;
  }
}

bool LeftMayRepeat(JoinType type) {
  switch (type) {
    case JoinType::INNER:
    case JoinType::RIGHT:
    case JoinType::RIGHT_SEMI:
    case JoinType::RIGHT_ANTI:
      return true;
    default:
      return false;
  }
}

/// A row of the left side without a partner on the right gives nothing.
bool MayFilterLeft(JoinType type) {
  switch (type) {
    case JoinType::INNER:
    case JoinType::SEMI:
    case JoinType::RIGHT:
    case JoinType::RIGHT_SEMI:
    case JoinType::RIGHT_ANTI:
      return true;
    default:
      return false;
  }
}

bool MayFilterRight(JoinType type) {
  switch (type) {
    case JoinType::INNER:
    case JoinType::LEFT:
    case JoinType::SEMI:
    case JoinType::ANTI:
    case JoinType::SINGLE:
    case JoinType::RIGHT_SEMI:
      return true;
    default:
      return false;
  }
}

bool HashedBy(const Property& property,
              const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& keys) {
  if (property.kind != Property::Kind::kHashed || property.keys.size() != keys.size()) return false;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i]->GetExpressionType() != ExpressionType::BOUND_COLUMN_REF ||
        keys[i]->Cast<duckdb::BoundColumnRefExpression>().binding != property.keys[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

Property Cutter::VisitComparisonJoin(Operator& op) {
  Property left = Visit(op->children[0]);
  Property right = Visit(op->children[1]);
  return Join(op, left, right);
}

Property Cutter::Join(Operator& op, Property left, Property right) {
  auto& join = op->Cast<duckdb::LogicalComparisonJoin>();
  const JoinType type = join.join_type;
  const bool asof = op->type == duckdb::LogicalOperatorType::LOGICAL_ASOF_JOIN;
  // DuckDB 1.5.5 with one thread, as workers may have, does not come to an end, nor can it be
  // interrupted, when rows of the right side have no rows of the left to look through.
  if (asof && (type == JoinType::RIGHT || type == JoinType::OUTER))
    throw NotCut("an ASOF join that keeps all rows of the right side is made by one engine");
  const bool right_may_repeat = RightMayRepeat(type);
  const bool left_may_repeat = !asof && LeftMayRepeat(type);
  const std::string name = duckdb::JoinTypeToString(type) + " join";

  if (!left.split() && !right.split()) {
    return left.replicated() && right.replicated() ? left : Property::Single();
  }
  if (left.split() && right.replicated() && right_may_repeat) return left;
  if (right.split() && left.replicated() && left_may_repeat) return right;

  Keys left_keys;
  Keys right_keys;
  std::vector<bool> null_is_key;
  for (const auto& condition : join.conditions) {
    if (condition.comparison != ExpressionType::COMPARE_EQUAL &&
        condition.comparison != ExpressionType::COMPARE_NOT_DISTINCT_FROM) {
      continue;
    }
    left_keys.push_back(condition.left->Copy());
    right_keys.push_back(condition.right->Copy());
    null_is_key.push_back(condition.comparison == ExpressionType::COMPARE_NOT_DISTINCT_FROM);
  }
  // Whether anything of the right side is NULL matters to every row of a mark join.
  const bool needs_all_right = left_keys.empty() || type == JoinType::MARK;
  const auto limit = static_cast<double>(options_.broadcast_bytes);
  const double right_bytes = EstimateBytes(*op->children[1]);
  const double left_bytes = EstimateBytes(*op->children[0]);
  const bool left_hashed = HashedBy(left, left_keys);
  const bool right_hashed = HashedBy(right, right_keys);
  const bool broadcast_right =
      left.split() && right_may_repeat && (right_bytes <= limit || needs_all_right);
  const bool broadcast_left = right.split() && left_may_repeat && left_bytes <= limit;
  // The side that is made first: the one that goes to every task; else the one that may filter the
  // other, as keys of a table that is there as a whole leave nothing out; else the smaller.
  const bool right_first_helps = left.split() && (right_may_repeat || MayFilterLeft(type));
  const bool left_first_helps = right.split() && (left_may_repeat || MayFilterRight(type));
  const bool left_leaves_out = LeavesOutRows(*op->children[0]);
  const bool right_leaves_out = LeavesOutRows(*op->children[1]);
  const bool only_left_filters = left_leaves_out && !right_leaves_out && MayFilterRight(type) &&
                                 left_bytes <= right_bytes * kNotMuchLarger;
  const bool only_right_filters = right_leaves_out && !left_leaves_out && MayFilterLeft(type) &&
                                  right_bytes <= left_bytes * kNotMuchLarger;
  const bool right_better = only_right_filters || (!only_left_filters && right_bytes <= left_bytes);
  const bool right_first = broadcast_right || (!broadcast_left && right_first_helps &&
                                               (right_better || !left_first_helps));
  const bool open_helps = right_first || broadcast_left || left_first_helps;
  // A side that lies by hash already stays where it is, unless it is so much smaller than the other
  // that to have the other wait for it, filtered or not moved at all, is worth its own way.
  const double first_bytes = right_first ? right_bytes : left_bytes;
  const double second_bytes = right_first ? left_bytes : right_bytes;
  const bool much_smaller = first_bytes * kMuchSmaller <= second_bytes;
  const bool first_hashed = right_first ? right_hashed : left_hashed;
  const bool second_hashed = right_first ? left_hashed : right_hashed;
  const bool may_open = !second_hashed && (!first_hashed || much_smaller);
  if (!needs_all_right && !asof && may_open && open_helps) {
    CutJoin open;
    open.name = name;
    open.first_is_right = right_first;
    open.may_broadcast = right_first ? right_may_repeat : left_may_repeat;
    open.planned_broadcast = right_first ? broadcast_right : broadcast_left;
    open.may_filter = right_first ? MayFilterLeft(type) : MayFilterRight(type);
    open.null_is_key = std::move(null_is_key);
    // Waiting for a side that is neither small nor much smaller than the other, nor the only one
    // that can filter, is worth nothing.
    const bool wait = open.planned_broadcast || first_bytes <= kFewTimes * limit || much_smaller ||
                      (right_first ? only_right_filters : only_left_filters);
    open.settled = !wait || !open.may_broadcast;
    open.may_filter = open.may_filter && wait;
    Say(name + (!open.planned_broadcast ? ": both sides by hash of the keys"
                : right_first           ? ": right side to every task, small"
                                        : ": left side to every task, small"));
    if (right_first) {
      left =
          OpenJoin(op, std::move(open), std::move(right_keys), std::move(left_keys), right, left);
      return left;
    }
    right = OpenJoin(op, std::move(open), std::move(left_keys), std::move(right_keys), left, right);
    return right;
  }
  if (broadcast_right) {
    Say(name + ": right side to every task, " +
        (right_bytes <= limit ? "small" : "every row is needed"));
    CutOff(op->children[1], right, Exchange::kBroadcast);
    return left;
  }
  if (needs_all_right) {
    Gather(op->children[0], left);
    Gather(op->children[1], right);
    Say(name + " in one task: no equal keys to go by");
    return Property::Single();
  }
  if (broadcast_left) {
    Say(name + ": left side to every task, small");
    CutOff(op->children[0], left, Exchange::kBroadcast);
    return right;
  }
  Say(name + ": both sides by hash of the keys");
  if (left_hashed) {
    RelyOn(left);
  } else {
    left = CutOff(op->children[0], left, Exchange::kHash, std::move(left_keys));
  }
  if (right_hashed) {
    RelyOn(right);
  } else {
    right = CutOff(op->children[1], right, Exchange::kHash, std::move(right_keys));
  }
  switch (type) {
    case JoinType::OUTER:
      // Either side's keys may be NULL where there was no match.
      return Property::Partitioned();
    case JoinType::RIGHT:
    case JoinType::RIGHT_SEMI:
    case JoinType::RIGHT_ANTI:
      return right;
    default:
      return left;
  }
}

Property Cutter::VisitLooseJoin(Operator& op) {
  JoinType type = JoinType::INNER;
  if (op->type == duckdb::LogicalOperatorType::LOGICAL_ANY_JOIN)
    type = op->Cast<duckdb::LogicalAnyJoin>().join_type;
  Property left = Visit(op->children[0]);
  Property right = Visit(op->children[1]);
  if (!left.split() && !right.split()) {
    return left.replicated() && right.replicated() ? left : Property::Single();
  }
  if (left.split() && RightMayRepeat(type)) {
    if (!right.replicated()) {
      Say("join without equal keys: right side to every task");
      CutOff(op->children[1], right, Exchange::kBroadcast);
    }
    return Property::Partitioned();
  }
  if (right.split() && type == JoinType::INNER) {
    if (!left.replicated()) {
      Say("join without equal keys: left side to every task");
      CutOff(op->children[0], left, Exchange::kBroadcast);
    }
    return Property::Partitioned();
  }
  Gather(op->children[0], left);
  Gather(op->children[1], right);
  Say("join without equal keys in one task");
  return Property::Single();
}

}  // namespace skein::distributed
