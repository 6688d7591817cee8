#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "duckdb/main/client_context_state.hpp"

namespace duckdb {
class ClientContext;
class SequenceCatalogEntry;
}  // namespace duckdb

namespace skein::engine {

/// What nextval() gave to a session last, of each sequence: what currval() and lastval() answer.
/// DuckDB keeps one such value for all sessions.
///
/// Lives with the session's connection. Thread-safe: an INSERT takes numbers in several threads.
class SequenceValues : public duckdb::ClientContextState {
 public:
  static SequenceValues& Of(duckdb::ClientContext& context);

  /// nextval() gave `value`.
  void Took(const duckdb::SequenceCatalogEntry& sequence, int64_t value);
  /// setval() made `value` the current one, which lastval() does not see.
  void Set(const duckdb::SequenceCatalogEntry& sequence, int64_t value);
  std::optional<int64_t> Current(const duckdb::SequenceCatalogEntry& sequence) const;
  std::optional<int64_t> Last() const;

 private:
  /// Database and entry: a sequence of the same name that is made later is another one.
  using Key = std::pair<uint64_t, uint64_t>;
  static Key KeyOf(const duckdb::SequenceCatalogEntry& sequence);

  mutable std::mutex mu_;
  std::map<Key, int64_t> values_;  // mu_
  std::optional<Key> last_;        // mu_
};

}  // namespace skein::engine
