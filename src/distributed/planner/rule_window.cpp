#include <algorithm>

#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression/bound_window_expression.hpp"
#include "duckdb/planner/operator/logical_projection.hpp"
#include "duckdb/planner/operator/logical_window.hpp"

#include "distributed/planner/cutter.h"

namespace skein::distributed {
namespace {

using duckdb::BoundColumnRefExpression;
using duckdb::BoundWindowExpression;
using duckdb::ColumnBinding;
using duckdb::Expression;
using duckdb::idx_t;
using duckdb::LogicalWindow;
using duckdb::make_uniq;
using duckdb::unique_ptr;
using duckdb::vector;

using Expressions = vector<unique_ptr<Expression>>;

const Expressions& PartitionsOf(const unique_ptr<Expression>& window) {
  return window->Cast<BoundWindowExpression>().partitions;
}

bool Among(const Expression& key, const Expressions& keys) {
  return std::any_of(keys.begin(), keys.end(), [&](const auto& one) { return one->Equals(key); });
}

/// Rows of equal `many` have equal `few`.
bool Within(const Expressions& few, const Expressions& many) {
  return std::all_of(few.begin(), few.end(), [&](const auto& key) { return Among(*key, many); });
}

/// The keys of the window whose keys all windows have; empty when there is none.
const Expressions& CommonKeys(const Expressions& windows) {
  const Expressions* least = &PartitionsOf(windows[0]);
  for (const auto& window : windows) {
    if (Within(PartitionsOf(window), *least)) least = &PartitionsOf(window);
  }
  return *least;
}

/// Numbers of windows by the keys that their rows can lie by. A window joins those with fewer of
/// its keys: these have to lie so anyhow. Keys that two share and none has alone may have few
/// values. Those without keys are the last.
std::vector<std::vector<idx_t>> ByKeys(const Expressions& windows) {
  std::vector<std::vector<idx_t>> links;
  std::vector<idx_t> others;
  std::vector<idx_t> without;
  for (idx_t i = 0; i < windows.size(); ++i) {
    const auto& keys = PartitionsOf(windows[i]);
    if (keys.empty()) {
      without.push_back(i);
      continue;
    }
    const bool least = std::none_of(windows.begin(), windows.end(), [&](const auto& other) {
      const auto& fewer = PartitionsOf(other);
      return !fewer.empty() && Within(fewer, keys) && !Within(keys, fewer);
    });
    if (!least) {
      others.push_back(i);
      continue;
    }
    auto same = std::find_if(links.begin(), links.end(), [&](const auto& link) {
      return Within(PartitionsOf(windows[link[0]]), keys);
    });
    if (same == links.end()) same = links.insert(links.end(), std::vector<idx_t>());
    same->push_back(i);
  }
  for (idx_t i : others) {
    auto fewer = std::find_if(links.begin(), links.end(), [&](const auto& link) {
      return Within(PartitionsOf(windows[link[0]]), PartitionsOf(windows[i]));
    });
    fewer->push_back(i);
  }
  if (!without.empty()) links.push_back(std::move(without));
  return links;
}

/// Rows of equal `keys` are in one task.
bool LieBy(const Property& property, const Expressions& keys) {
  // That a join is made as planned, so that its rows lie so, may be worth less.
  if (property.kind != Property::Kind::kHashed || !property.open_joins.empty()) return false;
  return std::all_of(property.keys.begin(), property.keys.end(), [&](const ColumnBinding& one) {
    return std::any_of(keys.begin(), keys.end(), [&](const auto& key) {
      return key->GetExpressionType() == duckdb::ExpressionType::BOUND_COLUMN_REF &&
             key->template Cast<BoundColumnRefExpression>().binding == one;
    });
  });
}

}  // namespace

Property Cutter::VisitWindow(Operator& op) {
  Property child = Visit(op->children[0]);
  if (!child.split()) return Property::Single();
  auto links = ByKeys(op->expressions);
  auto has_keys = [](const Operator& window) {
    return !PartitionsOf(window->expressions[0]).empty();
  };
  std::string why_not;
  bool whole = false;
  if (PartitionsOf(op->expressions[links.back()[0]]).empty()) {
    auto ways = WholeWindows(*op, links.back(), &why_not);
    whole = !ways.empty();
    if (whole) {
      links.pop_back();
      links.insert(links.end(), ways.begin(), ways.end());
    }
  }
  if (links.size() == 1 && !whole) return PlaceWindow(op, child, why_not);
  if (links.size() == 1) return PlaceWholeWindow(op, child);
  if (options_.tasks < 2) {
    Property gathered = Gather(op->children[0], child);
    Say("window in one task: different PARTITION BY");
    return gathered;
  }
  // Rows that lie right for one of them have to be taken first.
  std::stable_partition(links.begin(), links.end(), [&](const auto& link) {
    return LieBy(child, PartitionsOf(op->expressions[link[0]]));
  });
  for (Operator* window : ChainWindows(op, links)) {
    child = whole && !has_keys(*window) ? PlaceWholeWindow(*window, child)
                                        : PlaceWindow(*window, child, why_not);
  }
  return ThroughProjection(*op, child);
}

std::vector<Cutter::Operator*> Cutter::ChainWindows(Operator& op,
                                                    const std::vector<std::vector<idx_t>>& links) {
  op->ResolveOperatorTypes();
  const auto types = op->types;
  const auto from = op->GetColumnBindings();
  const idx_t below = from.size() - op->expressions.size();
  vector<ColumnBinding> places(from.begin(), from.end());
  Operator chain = std::move(op->children[0]);
  for (const auto& link : links) {
    auto window = make_uniq<LogicalWindow>(NewIndex());
    for (idx_t i : link) {
      places[below + i] = ColumnBinding(window->window_index, window->expressions.size());
      window->expressions.push_back(std::move(op->expressions[i]));
    }
    window->children.push_back(std::move(chain));
    chain = std::move(window);
  }
  // In their order: what is above may count columns.
  Keys columns;
  for (idx_t i = 0; i < from.size(); ++i)
    columns.push_back(make_uniq<BoundColumnRefExpression>(types[i], places[i]));
  op = make_uniq<duckdb::LogicalProjection>(NewIndex(), std::move(columns));
  op->children.push_back(std::move(chain));
  op->ResolveOperatorTypes();
  Rebind(from, op->GetColumnBindings(), *op);

  std::vector<Operator*> windows;
  for (Operator* at = &op->children[0]; windows.size() < links.size(); at = &(*at)->children[0])
    windows.push_back(at);
  std::reverse(windows.begin(), windows.end());
  return windows;
}

Property Cutter::PlaceWindow(Operator& op, Property child, const std::string& why_not) {
  if (!child.split()) return Property::Single();
  Keys keys;
  for (const auto& key : CommonKeys(op->expressions)) {
    if (!Among(*key, keys)) keys.push_back(key->Copy());
  }
  if (keys.empty()) {
    Property gathered = Gather(op->children[0], child);
    Say("window in one task: " + why_not);
    return gathered;
  }
  if (LieBy(child, keys)) {
    Say("window: each partition of " + NamesOf(keys) + " is in one task already");
    return child;
  }
  Say("window: rows by hash of PARTITION BY " + NamesOf(keys));
  return CutOff(op->children[0], child, Exchange::kHash, std::move(keys));
}

}  // namespace skein::distributed
