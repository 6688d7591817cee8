#include <algorithm>
#include <set>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/common/arrow/arrow_wrapper.hpp"
#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/common/types/data_chunk.hpp"
#include "duckdb/function/table/arrow.hpp"
#include "duckdb/main/table_description.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/create_statement.hpp"
#include "duckdb/parser/statement/insert_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/column_data_ref.hpp"
#include "duckdb/planner/binder.hpp"
#include "duckdb/planner/bound_constraint.hpp"
#include "duckdb/storage/data_table.hpp"
#include "duckdb/transaction/meta_transaction.hpp"
#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/byte_size.h>
#include <arrow/util/key_value_metadata.h>

#include "engine/arrow_schema.h"
#include "engine/duckdb_error.h"
#include "engine/parameters.h"
#include "engine/postgres_functions/declared_text.h"
#include "engine/table_writer_impl.h"
#include "results/copy_layout.h"
#include "results/field_type.h"

namespace skein::engine {
namespace {

using duckdb::idx_t;

/// Rows are gathered up to here: enough to keep all threads busy for one insert.
constexpr idx_t kFlushRows = idx_t{STANDARD_VECTOR_SIZE} * 120;
constexpr int64_t kFlushBytes = int64_t{64} << 20;
/// So many are put into the table on this thread, without a plan; more are worth several threads.
constexpr idx_t kDirectRows = STANDARD_VECTOR_SIZE;

Status WrongData(const arrow::Status& status) {
  return {StatusCode::kInvalidArgument, "22P03",
          "the data does not hold together: " + status.message()};
}

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

/// Whether values of `type` travel as values of `carrier`, which a cast turns back.
bool Carries(const LogicalType& carrier, const LogicalType& type) {
  if (carrier == type) return true;
  if (carrier.id() == LogicalTypeId::VARCHAR)
    return TransportType(type).id() == LogicalTypeId::VARCHAR || type.id() == LogicalTypeId::ENUM ||
           type.id() == LogicalTypeId::UUID;
  if (type.id() == LogicalTypeId::HUGEINT) return carrier == LogicalType::DECIMAL(38, 0);
  if (carrier.id() != type.id()) return false;
  switch (type.id()) {
    case LogicalTypeId::LIST:
      return Carries(duckdb::ListType::GetChildType(carrier), duckdb::ListType::GetChildType(type));
    case LogicalTypeId::ARRAY:
      return duckdb::ArrayType::GetSize(carrier) == duckdb::ArrayType::GetSize(type) &&
             Carries(duckdb::ArrayType::GetChildType(carrier),
                     duckdb::ArrayType::GetChildType(type));
    case LogicalTypeId::MAP:
      return Carries(duckdb::MapType::KeyType(carrier), duckdb::MapType::KeyType(type)) &&
             Carries(duckdb::MapType::ValueType(carrier), duckdb::MapType::ValueType(type));
    case LogicalTypeId::UNION: {
      if (duckdb::UnionType::GetMemberCount(carrier) != duckdb::UnionType::GetMemberCount(type))
        return false;
      for (idx_t i = 0; i < duckdb::UnionType::GetMemberCount(type); ++i) {
        if (duckdb::UnionType::GetMemberName(carrier, i) !=
                duckdb::UnionType::GetMemberName(type, i) ||
            !Carries(duckdb::UnionType::GetMemberType(carrier, i),
                     duckdb::UnionType::GetMemberType(type, i))) {
          return false;
        }
      }
      return true;
    }
    case LogicalTypeId::STRUCT: {
      const auto& ours = duckdb::StructType::GetChildTypes(carrier);
      const auto& named = duckdb::StructType::GetChildTypes(type);
      return std::equal(ours.begin(), ours.end(), named.begin(), named.end(),
                        [](const auto& a, const auto& b) {
                          return a.first == b.first && Carries(a.second, b.second);
                        });
    }
    default:
      return false;
  }
}

class TableIngestImpl : public TableIngest {
 public:
  TableIngestImpl(duckdb::ClientContext& context, TaskThreads& threads,
                  std::shared_ptr<CancelToken> cancel)
      : context_(context), threads_(threads), cancel_(std::move(cancel)) {}

  Status Start(const IngestTarget& target, const arrow::Schema& schema) {
    SKEIN_RETURN_IF_ERROR(ReadTypes(schema));
    Found found = Look(target);
    if (found == Found::kOther) {
      return Status(StatusCode::kInvalidArgument, "42809",
                    "cannot insert into \"" + target.table + "\", which is not a table");
    }
    if (found == Found::kNothing && target.if_missing == IngestTarget::IfMissing::kFail) {
      return Status(StatusCode::kNotFound, "42P01",
                    "relation \"" + target.table + "\" does not exist")
          .WithHint("Ask for the table to be created, or create it first.");
    }
    if (found == Found::kTable && target.if_exists == IngestTarget::IfExists::kFail) {
      return Status(StatusCode::kAlreadyExists, "42P07",
                    "relation \"" + target.table + "\" already exists")
          .WithHint("Ask for rows to be appended, or for the table to be replaced.");
    }
    if (found == Found::kNothing || target.if_exists == IngestTarget::IfExists::kReplace)
      return Create(target, found == Found::kTable);
    return CheckColumns();
  }

  Status Append(const std::shared_ptr<arrow::RecordBatch>& batch) override {
    try {
      return AppendRows(batch);
    } catch (...) {
      return cancel_->cancelled() ? cancel_->status() : FromCurrentException();
    }
  }

  Result<int64_t> Finish() override {
    try {
      // Also without rows: what does not fit is an error all the same.
      SKEIN_RETURN_IF_ERROR(Flush());
      return inserted_;
    } catch (...) {
      if (cancel_->cancelled()) return cancel_->status();
      return FromCurrentException();
    }
  }

 private:
  enum class Found { kNothing, kTable, kOther };

  Status ReadTypes(const arrow::Schema& schema) {
    if (schema.num_fields() == 0) {
      return Status(StatusCode::kInvalidArgument, "42601", "the data to ingest has no columns");
    }
    std::set<std::string> names;
    for (const auto& field : schema.fields()) {
      if (!names.insert(duckdb::StringUtil::Lower(field->name())).second) {
        return Status(StatusCode::kInvalidArgument, "42701",
                      "column \"" + field->name() + "\" specified more than once");
      }
    }
    duckdb::ArrowSchemaWrapper exported;
    if (auto status = arrow::ExportSchema(schema, &exported.arrow_schema); !status.ok()) {
      return errors::NotSupported("the data's types cannot be read: " + status.message());
    }
    context_.RunFunctionInTransaction([&] {
      duckdb::ArrowTableFunction::PopulateArrowTableSchema(context_, arrow_, exported.arrow_schema);
    });
    for (const auto& field : schema.fields()) {
      named_types_.push_back(
          field->metadata() ? field->metadata()->Get(results::kTypeMetadataKey).ValueOr("") : "");
    }
    names_ = arrow_.GetNames();
    types_ = arrow_.GetTypes();
    return Status::OK();
  }

  /// Looks without raising an error, which would fail an open transaction.
  Found Look(const IngestTarget& target) {
    catalog_ = target.temporary ? TEMP_CATALOG : target.catalog;
    schema_ = target.schema;
    table_ = target.table;
    Found found = Found::kNothing;
    context_.RunFunctionInTransaction([&] {
      auto entry = duckdb::Catalog::GetEntry(
          context_, catalog_, schema_,
          duckdb::EntryLookupInfo(duckdb::CatalogType::TABLE_ENTRY, table_),
          duckdb::OnEntryNotFound::RETURN_NULL);
      if (!entry) return;
      found = entry->type == duckdb::CatalogType::TABLE_ENTRY ? Found::kTable : Found::kOther;
      duck_table_ =
          found == Found::kTable && entry->Cast<duckdb::TableCatalogEntry>().IsDuckTable();
      catalog_ = entry->ParentCatalog().GetName();
      schema_ = entry->ParentSchema().name;
    });
    return found;
  }

  Status Create(const IngestTarget& target, bool replace) {
    auto info = duckdb::make_uniq<duckdb::CreateTableInfo>(catalog_, schema_, table_);
    info->temporary = target.temporary;
    if (replace) info->on_conflict = duckdb::OnCreateConflict::REPLACE_ON_CONFLICT;
    for (size_t i = 0; i < names_.size(); ++i) {
      // A column of nothing but NULLs has no type of its own.
      if (types_[i].id() == duckdb::LogicalTypeId::SQLNULL)
        types_[i] = duckdb::LogicalType::INTEGER;
      info->columns.AddColumn(duckdb::ColumnDefinition(names_[i], NamedType(i)));
    }
    auto create = duckdb::make_uniq<duckdb::CreateStatement>();
    create->info = std::move(info);
    types_ = arrow_.GetTypes();
    SKEIN_RETURN_IF_ERROR(RunChange(context_, threads_, std::move(create), cancel_).status());
    (void)Look(target);
    return Status::OK();
  }

  /// The type that the field names, where there is such a type and the values are of that kind.
  LogicalType NamedType(size_t column) {
    if (named_types_[column].empty()) return types_[column];
    try {
      LogicalType type = TypeByName(context_, named_types_[column]);
      return Carries(types_[column], type) ? type : types_[column];
    } catch (const duckdb::Exception&) {
      // An enum of another database, say.
      return types_[column];
    }
  }

  Status CheckColumns() {
    description_ = context_.TableInfo(catalog_, schema_, table_);
    if (!description_) return errors::Internal("the table was there and is not any more");
    for (const std::string& name : names_) {
      bool known = false;
      for (const auto& column : description_->columns)
        known = known || results::SameName(column.Name(), name);
      if (!known) {
        return Status(StatusCode::kNotFound, "42703",
                      "column \"" + name + "\" of relation \"" + table_ + "\" does not exist")
            .WithHint("The data's columns go to the table's columns of the same names.");
      }
    }
    return Status::OK();
  }

  Status AppendRows(const std::shared_ptr<arrow::RecordBatch>& batch) {
    if (auto status = batch->ValidateFull(); !status.ok()) return WrongData(status);
    auto exported = duckdb::make_uniq<duckdb::ArrowArrayWrapper>();
    if (auto status = arrow::ExportRecordBatch(*batch, &exported->arrow_array); !status.ok())
      return WrongData(status);
    duckdb::ArrowScanLocalState scan(std::move(exported), context_);
    for (idx_t i = 0; i < types_.size(); ++i) scan.column_ids.push_back(i);
    // Asks for the context's lock, which RunFunctionInTransaction holds.
    Prepare();
    Status status;
    context_.RunFunctionInTransaction([&] { status = TakeChunks(scan, batch->num_rows()); });
    SKEIN_RETURN_IF_ERROR(status);
    bytes_ += arrow::util::TotalBufferSize(*batch);
    if (gathered_ && (gathered_->Count() >= kFlushRows || bytes_ >= kFlushBytes)) return Flush();
    return Status::OK();
  }

  Status TakeChunks(duckdb::ArrowScanLocalState& scan, int64_t rows) {
    duckdb::DataChunk chunk;
    chunk.Initialize(context_, types_);
    for (idx_t at = 0; at < static_cast<idx_t>(rows); at += chunk.size()) {
      if (cancel_->cancelled()) return cancel_->status();
      chunk.Reset();
      chunk.SetCardinality(std::min<idx_t>(STANDARD_VECTOR_SIZE, static_cast<idx_t>(rows) - at));
      scan.chunk_offset = at;
      duckdb::ArrowTableFunction::ArrowToDuckDB(scan, arrow_.GetColumns(), chunk, false);
      if (in_tables_order_.empty()) {
        gathered_->Append(append_, chunk);
      } else {
        duckdb::DataChunk ordered;
        ordered.InitializeEmpty(gathered_->Types());
        ordered.ReferenceColumns(chunk, in_tables_order_);
        gathered_->Append(append_, ordered);
      }
    }
    return Status::OK();
  }

  void Prepare() {
    if (gathered_) return;
    FindOrder();
    duckdb::vector<LogicalType> types = types_;
    for (size_t i = 0; i < in_tables_order_.size(); ++i) types[i] = types_[in_tables_order_[i]];
    gathered_ = duckdb::make_uniq<duckdb::ColumnDataCollection>(context_, std::move(types));
    gathered_->InitializeAppend(append_);
  }

  /// Fills in_tables_order_ when the data has each column of the table, with its very type.
  void FindOrder() {
    if (!description_) description_ = context_.TableInfo(catalog_, schema_, table_);
    if (!description_ || description_->readonly || !duck_table_ ||
        description_->columns.size() != names_.size()) {
      return;
    }
    duckdb::vector<duckdb::column_t> order;
    for (const auto& column : description_->columns) {
      size_t at = 0;
      while (at < names_.size() && !results::SameName(column.Name(), names_[at])) ++at;
      if (column.Generated() || at == names_.size() || types_[at] != column.Type()) return;
      // An INSERT measures it.
      if (DeclaredTextOf(column)) return;
      order.push_back(at);
    }
    in_tables_order_ = std::move(order);
  }

  Status Flush() {
    Prepare();
    if (!in_tables_order_.empty() && gathered_->Count() <= kDirectRows) {
      if (cancel_->cancelled()) return cancel_->status();
      if (gathered_->Count() > 0) context_.RunFunctionInTransaction([&] { AppendDirectly(); });
      inserted_ += static_cast<int64_t>(gathered_->Count());
    } else {
      SKEIN_ASSIGN_OR_RETURN(int64_t rows, Insert());
      inserted_ += rows;
    }
    gathered_->Reset();
    gathered_->InitializeAppend(append_);
    bytes_ = 0;
    return Status::OK();
  }

  /// What DuckDB's insert does once it has a chunk, constraints and indexes included. Its own
  /// ClientContext::Append writes SQL and plans it, which takes longer than all the rest.
  void AppendDirectly() {
    auto& table =
        duckdb::Catalog::GetEntry<duckdb::TableCatalogEntry>(context_, catalog_, schema_, table_);
    duckdb::MetaTransaction::Get(context_).ModifyDatabase(
        table.ParentCatalog().GetAttached(), duckdb::DatabaseModificationType::INSERT_DATA);
    auto constraints = duckdb::Binder::CreateBinder(context_)->BindConstraints(table);
    for (auto& chunk : gathered_->Chunks())
      table.GetStorage().LocalAppend(table, context_, chunk, constraints);
  }

  Result<int64_t> Insert() {
    duckdb::vector<std::string> names = names_;
    for (size_t i = 0; i < in_tables_order_.size(); ++i) names[i] = names_[in_tables_order_[i]];
    auto insert = duckdb::make_uniq<duckdb::InsertStatement>();
    insert->catalog = catalog_;
    insert->schema = schema_;
    insert->table = table_;
    auto select = duckdb::make_uniq<duckdb::SelectNode>();
    for (const std::string& name : names) {
      insert->columns.push_back(name);
      select->select_list.push_back(duckdb::make_uniq<duckdb::ColumnRefExpression>(name));
    }
    select->from_table = duckdb::make_uniq<duckdb::ColumnDataRef>(
        duckdb::optionally_owned_ptr<duckdb::ColumnDataCollection>(*gathered_), std::move(names));
    select->from_table->alias = table_;
    auto query = duckdb::make_uniq<duckdb::SelectStatement>();
    query->node = std::move(select);
    insert->select_statement = std::move(query);
    return RunChange(context_, threads_, std::move(insert), cancel_);
  }

  duckdb::ClientContext& context_;
  TaskThreads& threads_;
  const std::shared_ptr<CancelToken> cancel_;
  std::string catalog_;
  std::string schema_;
  std::string table_;
  duckdb::ArrowTableSchema arrow_;
  bool duck_table_ = false;  // not one of an attached system
  duckdb::unique_ptr<duckdb::TableDescription> description_;
  std::vector<std::string> named_types_;  // as the fields name them; empty: as Arrow has it
  duckdb::vector<std::string> names_;
  duckdb::vector<duckdb::LogicalType> types_;
  /// Which column of the data is the table's first, second, ...; empty when the table's differ.
  duckdb::vector<duckdb::column_t> in_tables_order_;
  duckdb::unique_ptr<duckdb::ColumnDataCollection> gathered_;
  duckdb::ColumnDataAppendState append_;
  int64_t bytes_ = 0;
  int64_t inserted_ = 0;
};

}  // namespace

Result<std::unique_ptr<TableIngest>> MakeTableIngest(duckdb::ClientContext& context,
                                                     TaskThreads& threads,
                                                     const IngestTarget& target,
                                                     const arrow::Schema& schema,
                                                     std::shared_ptr<CancelToken> cancel) {
  try {
    auto ingest = std::make_unique<TableIngestImpl>(context, threads, std::move(cancel));
    SKEIN_RETURN_IF_ERROR(ingest->Start(target, schema));
    return std::unique_ptr<TableIngest>(std::move(ingest));
  } catch (...) {
    return FromCurrentException();
  }
}

}  // namespace skein::engine
