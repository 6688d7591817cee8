#include <algorithm>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry.hpp"
#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/common/types/data_chunk.hpp"
#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/main/pending_query_result.hpp"
#include "duckdb/main/query_result.hpp"
#include "duckdb/main/table_description.hpp"
#include "duckdb/parser/expression/case_expression.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/insert_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/column_data_ref.hpp"
#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "engine/arrow_stream.h"
#include "engine/arrow_vector.h"
#include "engine/duckdb_error.h"
#include "engine/table_writer_impl.h"
#include "results/copy_layout.h"

namespace skein::engine {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;

/// Rows are gathered up to here: enough to keep all threads busy for one insert.
constexpr idx_t kFlushRows = idx_t{STANDARD_VECTOR_SIZE} * 120;
constexpr idx_t kFlushBytes = idx_t{64} << 20;

std::string Dotted(const std::vector<std::string>& name) {
  std::string text;
  for (const std::string& part : name) text += (text.empty() ? "" : ".") + part;
  return text;
}

/// The places where a name may be looked up: x.y is a schema's table, or an attached database's.
/// PostgreSQL's public is main, and pg_temp the schema of temporary tables.
struct Place {
  std::string catalog;
  std::string schema;
};
std::vector<Place> Places(const std::vector<std::string>& name) {
  if (name.size() == 3) return {{name[0], name[1]}};
  if (name.size() == 2 && duckdb::StringUtil::CIEquals(name[0], "pg_temp"))
    return {{TEMP_CATALOG, DEFAULT_SCHEMA}};
  if (name.size() == 2 && duckdb::StringUtil::CIEquals(name[0], "public"))
    return {{"", name[0]}, {name[0], ""}, {"", DEFAULT_SCHEMA}};
  if (name.size() == 2) return {{"", name[0]}, {name[0], ""}};
  return {{"", ""}};
}

/// What lies between the type in which a value came and its column's: nested values come as JSON.
LogicalType StepType(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::STRUCT:
    case LogicalTypeId::MAP:
    case LogicalTypeId::UNION:
    case LogicalTypeId::VARIANT:
      return LogicalType::JSON();
    case LogicalTypeId::LIST:
      return LogicalType::LIST(StepType(duckdb::ListType::GetChildType(type)));
    case LogicalTypeId::ARRAY:
      return LogicalType::LIST(StepType(duckdb::ArrayType::GetChildType(type)));
    default:
      return type;
  }
}

Status WrongValue(const LogicalType& type, const std::string& value, const std::string& why) {
  if (type.id() == LogicalTypeId::ENUM) {
    return errors::InvalidText("invalid input value for enum: \"" + value + "\"");
  }
  std::string name = type.IsJSONType() ? "json" : duckdb::StringUtil::Lower(type.ToString());
  Status status = errors::InvalidText("invalid input syntax for type " + name);
  return why.empty() ? std::move(status) : std::move(status).WithDetail(why);
}

class TableWriterImpl : public TableWriter {
 public:
  TableWriterImpl(duckdb::ClientContext& context, TaskThreads& threads, TableDescription table,
                  std::shared_ptr<CancelToken> cancel)
      : context_(context),
        threads_(threads),
        table_(std::move(table)),
        cancel_(std::move(cancel)) {}

  Status Choose(const WriteTarget& target,
                const duckdb::vector<duckdb::ColumnDefinition>& definitions);

  const std::string& table() const override { return table_.name; }
  const std::vector<results::CopyTarget>& columns() const override { return targets_; }
  int64_t skipped() const override { return skipped_; }

  Status Append(const results::CopyRows& rows, bool skip_wrong_rows) override {
    try {
      return AppendRows(rows, skip_wrong_rows);
    } catch (...) {
      return FromCurrentException();
    }
  }

  Result<int64_t> Finish() override {
    try {
      SKEIN_RETURN_IF_ERROR(Flush());
      return inserted_;
    } catch (...) {
      if (cancel_->cancelled()) return cancel_->status();
      return FromCurrentException();
    }
  }

 private:
  struct Column {
    LogicalType type;
    LogicalType step;
    duckdb::unique_ptr<duckdb::ParsedExpression> default_value;
  };

  Status AppendRows(const results::CopyRows& rows, bool skip_wrong_rows);
  Status Take(const results::CopyRows& rows, int64_t begin, idx_t count, bool skip_wrong_rows,
              std::vector<uint8_t>* wrong);
  /// Casts `vector` in `steps`; values that cannot be cast are an error or marked as wrong.
  Status Cast(const results::CopyRows& rows, int64_t begin, idx_t count, size_t column,
              duckdb::Vector& source, duckdb::Vector& result, bool skip_wrong_rows,
              std::vector<uint8_t>* wrong);
  Status Flush();
  duckdb::unique_ptr<duckdb::SQLStatement> MakeInsert() const;

  duckdb::ClientContext& context_;
  TaskThreads& threads_;
  TableDescription table_;
  std::shared_ptr<CancelToken> cancel_;
  std::vector<results::CopyTarget> targets_;
  std::vector<Column> columns_;
  duckdb::unique_ptr<duckdb::ParsedExpression> where_;
  duckdb::unique_ptr<duckdb::ColumnDataCollection> gathered_;
  duckdb::ColumnDataAppendState append_;
  /// Behind the columns there is one for each that says where its default is meant.
  bool with_defaults_ = false;
  idx_t bytes_ = 0;
  int64_t inserted_ = 0;
  int64_t skipped_ = 0;
};

Status TableWriterImpl::Choose(const WriteTarget& target,
                               const duckdb::vector<duckdb::ColumnDefinition>& definitions) {
  std::vector<size_t> chosen;
  for (const std::string& name : target.columns) {
    size_t at = 0;
    while (at < definitions.size() && !results::SameName(definitions[at].Name(), name)) ++at;
    if (at == definitions.size()) {
      return Status(StatusCode::kNotFound, "42703",
                    "column \"" + name + "\" of relation \"" + table_.name + "\" does not exist");
    }
    if (std::find(chosen.begin(), chosen.end(), at) != chosen.end()) {
      return Status(StatusCode::kInvalidArgument, "42701",
                    "column \"" + name + "\" specified more than once");
    }
    if (definitions[at].Generated()) {
      return Status(StatusCode::kInvalidArgument, "42P10",
                    "column \"" + name + "\" is a generated column")
          .WithDetail("Generated columns cannot be used in COPY.");
    }
    chosen.push_back(at);
  }
  for (size_t at = 0; target.columns.empty() && at < definitions.size(); ++at) {
    if (!definitions[at].Generated()) chosen.push_back(at);
  }
  for (size_t at : chosen) {
    const auto& definition = definitions[at];
    SKEIN_ASSIGN_OR_RETURN(auto type, results::ParseDuckDbType(definition.Type().ToString()));
    if (definition.Type().id() == LogicalTypeId::ENUM) type.kind = results::TypeKind::kEnum;
    targets_.push_back({definition.Name(), std::move(type), definition.HasDefaultValue()});
    Column& column = columns_.emplace_back();
    column.type = definition.Type();
    column.step = StepType(definition.Type());
    if (definition.HasDefaultValue()) column.default_value = definition.DefaultValue().Copy();
  }
  if (!target.where.empty()) {
    auto expressions =
        duckdb::Parser::ParseExpressionList(target.where, context_.GetParserOptions());
    if (expressions.size() != 1) return errors::Syntax("COPY ... WHERE takes one condition");
    where_ = std::move(expressions[0]);
  }
  return Status::OK();
}

Status TableWriterImpl::AppendRows(const results::CopyRows& rows, bool skip_wrong_rows) {
  auto count = static_cast<size_t>(rows.batch->num_rows());
  bool with_defaults = static_cast<size_t>(rows.batch->num_columns()) > columns_.size();
  if (!gathered_) {
    duckdb::vector<LogicalType> types;
    for (const Column& column : columns_) types.push_back(column.type);
    with_defaults_ = with_defaults;
    if (with_defaults) types.insert(types.end(), columns_.size(), LogicalType::BOOLEAN);
    gathered_ = duckdb::make_uniq<duckdb::ColumnDataCollection>(context_, std::move(types));
    gathered_->InitializeAppend(append_);
  }
  std::vector<uint8_t> wrong = rows.skipped;
  wrong.resize(count);
  for (size_t at = 0; at < count;) {
    if (cancel_->cancelled()) return cancel_->status();
    idx_t part = std::min<size_t>(STANDARD_VECTOR_SIZE, count - at);
    SKEIN_RETURN_IF_ERROR(Take(rows, static_cast<int64_t>(at), part, skip_wrong_rows, &wrong));
    at += part;
  }
  for (const auto& column : rows.batch->columns()) {
    for (const auto& buffer : column->data()->buffers) {
      if (buffer) bytes_ += static_cast<idx_t>(buffer->size());
    }
  }
  if (gathered_->Count() >= kFlushRows || bytes_ >= kFlushBytes) return Flush();
  return Status::OK();
}

Status TableWriterImpl::Take(const results::CopyRows& rows, int64_t begin, idx_t count,
                             bool skip_wrong_rows, std::vector<uint8_t>* wrong) {
  duckdb::DataChunk chunk;
  chunk.Initialize(context_, gathered_->Types(), count);
  for (size_t i = 0; i < static_cast<size_t>(rows.batch->num_columns()); ++i) {
    const arrow::ArrayData& data = *rows.batch->column_data(static_cast<int>(i));
    LogicalType carried = TypeOfArrow(*data.type);
    if (i >= columns_.size() || carried == columns_[i].type) {
      FillVector(data, begin, count, chunk.data[i]);
      continue;
    }
    duckdb::Vector source(carried, count);
    FillVector(data, begin, count, source);
    SKEIN_RETURN_IF_ERROR(
        Cast(rows, begin, count, i, source, chunk.data[i], skip_wrong_rows, wrong));
  }
  chunk.SetCardinality(count);
  duckdb::SelectionVector kept(count);
  idx_t kept_count = 0;
  for (idx_t row = 0; row < count; ++row) {
    if (!(*wrong)[static_cast<size_t>(begin) + row]) kept.set_index(kept_count++, row);
  }
  if (kept_count < count) {
    skipped_ += static_cast<int64_t>(count - kept_count);
    chunk.Slice(kept, kept_count);
  }
  if (kept_count > 0) gathered_->Append(append_, chunk);
  return Status::OK();
}

Status TableWriterImpl::Cast(const results::CopyRows& rows, int64_t begin, idx_t count,
                             size_t column, duckdb::Vector& source, duckdb::Vector& result,
                             bool skip_wrong_rows, std::vector<uint8_t>* wrong) {
  const Column& target = columns_[column];
  std::string why;
  bool all = false;
  if (target.step == target.type || target.step == source.GetType()) {
    all = duckdb::VectorOperations::TryCast(context_, source, result, count, &why);
  } else {
    duckdb::Vector step(target.step, count);
    all = duckdb::VectorOperations::TryCast(context_, source, step, count, &why);
    all = duckdb::VectorOperations::TryCast(context_, step, result, count,
                                            why.empty() ? &why : nullptr) &&
          all;
  }
  if (all) return Status::OK();
  duckdb::UnifiedVectorFormat before;
  duckdb::UnifiedVectorFormat after;
  source.ToUnifiedFormat(count, before);
  result.ToUnifiedFormat(count, after);
  const std::string& name = targets_[column].name;
  for (idx_t row = 0; row < count; ++row) {
    if (!before.validity.RowIsValid(before.sel->get_index(row)) ||
        after.validity.RowIsValid(after.sel->get_index(row))) {
      continue;
    }
    size_t at = static_cast<size_t>(begin) + row;
    if (skip_wrong_rows) {
      (*wrong)[at] = 1;
      continue;
    }
    std::string value = source.GetValue(row).ToString();
    std::string_view shown = value;
    return WrongValue(target.type, value, why)
        .WithContext(results::CopyContext(table_.name, rows.lines[at], name, &shown));
  }
  // What is wrong lies within a value that as a whole is there.
  if (skip_wrong_rows) return Status::OK();
  return WrongValue(target.type, "", why)
      .WithContext(
          results::CopyContext(table_.name, rows.lines[static_cast<size_t>(begin)], name, nullptr));
}

duckdb::unique_ptr<duckdb::SQLStatement> TableWriterImpl::MakeInsert() const {
  auto insert = duckdb::make_uniq<duckdb::InsertStatement>();
  insert->catalog = table_.catalog;
  insert->schema = table_.schema;
  insert->table = table_.name;
  auto select = duckdb::make_uniq<duckdb::SelectNode>();
  duckdb::vector<std::string> names;
  for (const auto& target : targets_) {
    insert->columns.push_back(target.name);
    names.push_back(target.name);
  }
  auto flag = [](size_t column) { return "default of column " + std::to_string(column); };
  for (size_t i = 0; with_defaults_ && i < columns_.size(); ++i) names.push_back(flag(i));
  for (size_t i = 0; i < columns_.size(); ++i) {
    duckdb::unique_ptr<duckdb::ParsedExpression> value =
        duckdb::make_uniq<duckdb::ColumnRefExpression>(targets_[i].name);
    if (with_defaults_ && columns_[i].default_value) {
      auto choice = duckdb::make_uniq<duckdb::CaseExpression>();
      duckdb::CaseCheck check;
      check.when_expr = duckdb::make_uniq<duckdb::ColumnRefExpression>(flag(i));
      check.then_expr = columns_[i].default_value->Copy();
      choice->case_checks.push_back(std::move(check));
      choice->else_expr = std::move(value);
      value = std::move(choice);
    }
    select->select_list.push_back(std::move(value));
  }
  auto data = duckdb::make_uniq<duckdb::ColumnDataRef>(
      duckdb::optionally_owned_ptr<duckdb::ColumnDataCollection>(*gathered_), std::move(names));
  data->alias = table_.name;
  select->from_table = std::move(data);
  if (where_) select->where_clause = where_->Copy();
  auto statement = duckdb::make_uniq<duckdb::SelectStatement>();
  statement->node = std::move(select);
  insert->select_statement = std::move(statement);
  return insert;
}

Status TableWriterImpl::Flush() {
  if (!gathered_ || gathered_->Count() == 0) return Status::OK();
  SKEIN_ASSIGN_OR_RETURN(int64_t rows, RunChange(context_, threads_, MakeInsert(), cancel_));
  inserted_ += rows;
  gathered_->Reset();
  gathered_->InitializeAppend(append_);
  bytes_ = 0;
  return Status::OK();
}

enum class Found { kNothing, kTable, kView };

/// Looks without raising an error, which would fail an open transaction.
Found Locate(duckdb::ClientContext& context, const std::vector<std::string>& name, Place* place) {
  Found found = Found::kNothing;
  context.RunFunctionInTransaction([&] {
    for (const Place& candidate : Places(name)) {
      // Views and tables have one name space.
      auto entry = duckdb::Catalog::GetEntry(
          context, candidate.catalog, candidate.schema,
          duckdb::EntryLookupInfo(duckdb::CatalogType::TABLE_ENTRY, name.back()),
          duckdb::OnEntryNotFound::RETURN_NULL);
      if (!entry) continue;
      *place = candidate;
      found = entry->type == duckdb::CatalogType::VIEW_ENTRY ? Found::kView : Found::kTable;
      return;
    }
  });
  return found;
}

Result<duckdb::unique_ptr<duckdb::TableDescription>> Look(duckdb::ClientContext& context,
                                                          const std::vector<std::string>& name,
                                                          bool to_write) {
  Place place;
  Found found = Locate(context, name, &place);
  if (found == Found::kTable) {
    if (auto table = context.TableInfo(place.catalog, place.schema, name.back())) return table;
  }
  if (to_write && found == Found::kView) {
    return Status(StatusCode::kInvalidArgument, "42809",
                  "cannot copy to view \"" + name.back() + "\"");
  }
  return Status(StatusCode::kNotFound, "42P01", "relation \"" + Dotted(name) + "\" does not exist");
}

TableDescription Describe(const duckdb::TableDescription& found) {
  TableDescription table{found.database, found.schema, found.table, {}};
  for (const auto& column : found.columns) {
    table.columns.push_back({column.Name(), column.Type().ToString(),
                             !column.Generated() && column.HasDefaultValue(), column.Generated()});
  }
  return table;
}

}  // namespace

Result<int64_t> RunChange(duckdb::ClientContext& context, TaskThreads& threads,
                          duckdb::unique_ptr<duckdb::SQLStatement> statement,
                          std::shared_ptr<CancelToken> cancel) {
  if (cancel->cancelled()) return cancel->status();
  Running run(std::move(cancel), context, threads);
  auto pending = context.PendingQuery(std::move(statement), duckdb::QueryParameters());
  if (pending->HasError()) return run.Failure(pending->GetErrorObject());
  SKEIN_ASSIGN_OR_RETURN(auto result, run.ToEnd(*pending));
  if (result->properties.return_type != duckdb::StatementReturnType::CHANGED_ROWS)
    return int64_t{0};
  auto chunk = result->Fetch();
  return chunk && chunk->size() > 0 ? chunk->GetValue(0, 0).GetValue<int64_t>() : 0;
}

Result<TableDescription> DescribeTable(duckdb::ClientContext& context,
                                       const std::vector<std::string>& name, bool to_write) {
  try {
    SKEIN_ASSIGN_OR_RETURN(auto found, Look(context, name, to_write));
    return Describe(*found);
  } catch (...) {
    return FromCurrentException();
  }
}

Result<std::unique_ptr<TableWriter>> MakeTableWriter(duckdb::ClientContext& context,
                                                     TaskThreads& threads,
                                                     const WriteTarget& target,
                                                     std::shared_ptr<CancelToken> cancel) {
  try {
    SKEIN_ASSIGN_OR_RETURN(auto found, Look(context, target.table, true));
    auto writer =
        std::make_unique<TableWriterImpl>(context, threads, Describe(*found), std::move(cancel));
    SKEIN_RETURN_IF_ERROR(writer->Choose(target, found->columns));
    return std::unique_ptr<TableWriter>(std::move(writer));
  } catch (...) {
    return FromCurrentException();
  }
}

}  // namespace skein::engine
