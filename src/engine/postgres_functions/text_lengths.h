#pragma once

namespace duckdb {
class DatabaseInstance;
}

namespace skein::engine {

/// In pg_catalog: (text, n, whether it is char(n)) is the text as such a column holds it, or 22001.
inline constexpr const char* kTextOfLength = "skein_text_of_length";

/// What is put into a column that was declared varchar(n) or char(n) (declared_text.h) is measured:
/// INSERT, UPDATE, MERGE and COPY of every session get PostgreSQL's error 22001 for what is longer,
/// and blanks too many at its end are taken off. It is a function around the value in the plan, put
/// there before the optimizer runs. What goes into a table's storage without a plan is not seen.
void RegisterTextLengths(duckdb::DatabaseInstance& db);

}  // namespace skein::engine
