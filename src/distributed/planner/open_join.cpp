#include <algorithm>
#include <bit>

#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/operator/logical_comparison_join.hpp"
#include "duckdb/planner/operator/logical_get.hpp"

#include "distributed/fragment/exchange_scan.h"
#include "distributed/fragment/key_filter.h"
#include "distributed/fragment/merge_scan.h"
#include "distributed/planner/cutter.h"
#include "distributed/planner/runtime_filter.h"

namespace skein::distributed {
namespace {

/// Bits of a bloom filter for each key that is expected, and bounds that no estimate passes.
constexpr uint64_t kBitsForEach = 16;
constexpr uint32_t kLeastBits = 13;
constexpr uint32_t kMostBits = 23;
/// Another stage waits for a filter of so many times fewer rows.
constexpr uint64_t kFilterFewer = 4;

uint32_t BloomBits(uint64_t rows) {
  const uint64_t bits = std::min<uint64_t>(rows, uint64_t{1} << kMostBits) * kBitsForEach;
  return std::clamp<uint32_t>(static_cast<uint32_t>(std::bit_width(bits)), kLeastBits, kMostBits);
}

}  // namespace

/// Cuts both sides off by hash of the keys. What comes back holds of the join's rows.
Property Cutter::OpenJoin(Operator& op, CutJoin join, Keys first_keys, Keys second_keys,
                          Property first, Property second) {
  Operator& first_child = op->children[join.first_is_right ? 1 : 0];
  Operator& second_child = op->children[join.first_is_right ? 0 : 1];
  const auto number = static_cast<uint32_t>(joins.size());

  first_child->ResolveOperatorTypes();
  std::vector<uint32_t> range_columns;
  const auto first_bindings = first_child->GetColumnBindings();
  for (const auto& key : first_keys) {
    const auto* column = key->GetExpressionType() == duckdb::ExpressionType::BOUND_COLUMN_REF
                             ? &key->Cast<duckdb::BoundColumnRefExpression>().binding
                             : nullptr;
    for (uint32_t i = 0; column && i < first_bindings.size(); ++i) {
      if (first_bindings[i] == *column && KeyGatherer::HasRange(key->return_type))
        range_columns.push_back(i);
    }
  }
  if (range_columns.size() != first_keys.size()) range_columns.clear();
  const auto said = std::move(decisions);
  decisions.clear();
  Property first_hashed = CutOff(first_child, first, Exchange::kHash, std::move(first_keys));
  join.first = static_cast<uint32_t>(stages.size() - 1);
  join.first_scan = first_child->GetTableIndex()[0];
  if (join.may_filter) {
    stages[join.first].bloom_bits = BloomBits(stages[join.first].estimated_rows);
    stages[join.first].range_columns = std::move(range_columns);
  }

  const auto second_bindings = second_child->GetColumnBindings();
  Property second_hashed = CutOff(second_child, second, Exchange::kHash, std::move(second_keys));
  join.second = static_cast<uint32_t>(stages.size() - 1);
  join.second_scan = second_child->GetTableIndex()[0];
  decisions = said;
  if (!join.settled || join.may_filter) stages[join.second].after.insert(join.first);
  if (join.may_filter) WaitForFilter(join);

  Property property;
  if (join.planned_broadcast) {
    // As the second side lies, by its columns' new names.
    duckdb::vector<duckdb::ColumnBinding> keys;
    for (const auto& key : second.keys) {
      auto found = std::find(second_bindings.begin(), second_bindings.end(), key);
      if (found == second_bindings.end()) break;
      keys.emplace_back(join.second_scan,
                        static_cast<duckdb::idx_t>(found - second_bindings.begin()));
    }
    property = keys.size() == second.keys.size() ? Property::Hashed(keys, second.open_joins)
                                                 : Property::Partitioned();
  } else {
    // Of a RIGHT join it is the right side's keys that are never NULL for want of a partner.
    property = second_hashed;
    const auto type = op->Cast<duckdb::LogicalComparisonJoin>().join_type;
    const bool by_right = type == duckdb::JoinType::RIGHT || type == duckdb::JoinType::RIGHT_SEMI ||
                          type == duckdb::JoinType::RIGHT_ANTI;
    if (by_right == join.first_is_right) property = first_hashed;
  }
  if (property.kind == Property::Kind::kHashed) property.open_joins.push_back(number);
  joins.push_back(std::move(join));
  return property;
}

void Cutter::RelyOn(const Property& property) {
  for (uint32_t number : property.open_joins) joins[number].settled = true;
}

std::set<uint32_t> Cutter::InputsOf(duckdb::LogicalOperator& plan) const {
  std::set<uint32_t> inputs;
  if (plan.type == duckdb::LogicalOperatorType::LOGICAL_GET) {
    auto& get = plan.Cast<duckdb::LogicalGet>();
    if (get.function.name == kExchangeScanName) {
      inputs.insert(exchanges.at(get.bind_data->Cast<ExchangeScanData>().input).stage);
    } else if (get.function.name == kMergeScanName) {
      inputs.insert(exchanges.at(get.bind_data->Cast<MergeScanData>().first_input).stage);
    }
  }
  for (auto& child : plan.children) inputs.merge(InputsOf(*child));
  return inputs;
}

bool Cutter::DependsOn(uint32_t stage, uint32_t other, std::set<uint32_t>* seen) const {
  if (stage == other) return true;
  if (!seen->insert(stage).second) return false;
  std::set<uint32_t> before = InputsOf(*stages[stage].plan);
  before.insert(stages[stage].after.begin(), stages[stage].after.end());
  return std::any_of(before.begin(), before.end(),
                     [&](uint32_t one) { return DependsOn(one, other, seen); });
}

void Cutter::WaitForFilter(const CutJoin& join) {
  const uint64_t rows = stages[join.first].estimated_rows;
  FilterPath path([&](uint32_t exchange) -> Plan* {
    const uint32_t stage = exchanges.at(exchange).stage;
    if (stages[stage].after.contains(join.first)) return &stages[stage].plan;
    std::set<uint32_t> seen;
    if (stages[stage].kept || stages[stage].estimated_rows < rows * kFilterFewer ||
        DependsOn(join.first, stage, &seen)) {
      return nullptr;
    }
    stages[stage].after.insert(join.first);
    return &stages[stage].plan;
  });
  path.Follow(stages[join.second].plan);
}

}  // namespace skein::distributed
