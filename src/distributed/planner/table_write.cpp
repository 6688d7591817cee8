#include "distributed/planner/table_write.h"

#include <algorithm>
#include <set>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/common/file_system.hpp"
#include "duckdb/execution/operator/persistent/physical_copy_to_file.hpp"
#include "duckdb/execution/operator/projection/physical_projection.hpp"
#include "duckdb/parser/parsed_data/copy_info.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression/bound_reference_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/operator/logical_copy_to_file.hpp"
#include "duckdb/planner/operator/logical_create_table.hpp"
#include "duckdb/planner/operator/logical_empty_result.hpp"
#include "duckdb/planner/operator/logical_extension_operator.hpp"
#include "duckdb/planner/operator/logical_insert.hpp"
#include "duckdb/planner/operator/logical_projection.hpp"

#include "common/random.h"

namespace skein::distributed {
namespace {

using duckdb::LogicalOperatorType;
using duckdb::PhysicalOperator;
using duckdb::PhysicalOperatorType;

duckdb::Catalog& CatalogOf(const duckdb::LogicalOperator& op) {
  if (op.type == LogicalOperatorType::LOGICAL_INSERT)
    return op.Cast<duckdb::LogicalInsert>().table.ParentCatalog();
  return op.Cast<duckdb::LogicalCreateTable>().schema.ParentCatalog();
}

/// Runs the extension's operator over the files that tasks wrote.
class TakeInFiles : public duckdb::LogicalExtensionOperator {
 public:
  TakeInFiles(PhysicalOperator& insert, duckdb::unique_ptr<duckdb::LogicalOperator> written)
      : insert_(insert) {
    children.push_back(std::move(written));
  }
  duckdb::vector<duckdb::ColumnBinding> GetColumnBindings() override {
    return {duckdb::ColumnBinding(0, 0)};
  }
  PhysicalOperator& CreatePlan(duckdb::ClientContext&,
                               duckdb::PhysicalPlanGenerator& generator) override {
    auto& written = generator.CreatePlan(*children[0]);
    insert_.children[0] = written;
    return insert_;
  }
  std::string GetName() const override { return "TAKE_IN_FILES"; }
  std::string GetExtensionName() const override { return "skein"; }

 protected:
  void ResolveTypes() override { types = insert_.types; }

 private:
  PhysicalOperator& insert_;
};

/// The references to columns by their place become those of `bindings`.
void BindTo(const duckdb::vector<duckdb::ColumnBinding>& bindings,
            duckdb::unique_ptr<duckdb::Expression>& expression) {
  if (expression->GetExpressionClass() == duckdb::ExpressionClass::BOUND_REF) {
    const auto place = expression->Cast<duckdb::BoundReferenceExpression>().index;
    expression = duckdb::make_uniq<duckdb::BoundColumnRefExpression>(expression->return_type,
                                                                     bindings.at(place));
    return;
  }
  duckdb::ExpressionIterator::EnumerateChildren(
      *expression, [&](duckdb::unique_ptr<duckdb::Expression>& child) { BindTo(bindings, child); });
}

/// Small inserts go to the catalogue; what is cut is not small.
bool PutsRowsInTheCatalogue(const PhysicalOperator& op) {
  return op.type == PhysicalOperatorType::EXTENSION &&
         op.GetName().find("INLINE") != std::string::npos;
}

/// What lies between the COPY and the rows, as far as tasks can do it.
std::string WhyNotBelow(const PhysicalOperator& top) {
  const PhysicalOperator* op = &top;
  while (op->type != PhysicalOperatorType::EMPTY_RESULT) {
    if (op->children.size() != 1) return "it is planned in a way that is not understood";
    if (op->type == PhysicalOperatorType::PROJECTION) {
      for (const auto& expression : op->Cast<duckdb::PhysicalProjection>().select_list) {
        if (expression->IsVolatile()) return "a default of the table gives a new value each time";
      }
    } else if (!PutsRowsInTheCatalogue(*op)) {
      return "the rows are to be sorted or changed before they are written";
    }
    op = &op->children[0].get();
  }
  return {};
}

}  // namespace

std::string TableWrite::WhyNotCut(const duckdb::LogicalOperator& op) {
  if (op.children.size() != 1) return "only the rows of a query are inserted by tasks";
  if (op.type == LogicalOperatorType::LOGICAL_INSERT) {
    const auto& insert = op.Cast<duckdb::LogicalInsert>();
    if (insert.return_chunk)
      return "RETURNING gives rows back in the order in which they were written";
    if (insert.on_conflict_info.action_type != duckdb::OnConflictAction::THROW)
      return "ON CONFLICT looks at the table's rows";
  }
  const std::string type = CatalogOf(op).GetCatalogType();
  if (type == "ducklake") return {};
  if (type != "iceberg") return "it writes to a database of this server only";
  // Its folder and its columns' numbers are the catalogue's to say, when it is created.
  if (op.type == LogicalOperatorType::LOGICAL_CREATE_TABLE)
    return "an Iceberg table is created when the first rows come; an INSERT into a table that "
           "exists is written by tasks";
  return {};
}

duckdb::unique_ptr<TableWrite> TableWrite::Plan(duckdb::ClientContext& context,
                                                duckdb::unique_ptr<duckdb::LogicalOperator>& op,
                                                std::string* why_not) {
  const bool ducklake = CatalogOf(*op).GetCatalogType() == "ducklake";
  // Planned over no rows: what lies below is planned elsewhere.
  auto rows = std::move(op->children[0]);
  rows->ResolveOperatorTypes();
  op->children[0] =
      duckdb::make_uniq<duckdb::LogicalEmptyResult>(rows->types, rows->GetColumnBindings());
  duckdb::PhysicalPlanGenerator generator(context);
  duckdb::unique_ptr<TableWrite> write(new TableWrite(context));
  write->plan_ = generator.Plan(std::move(op));
  auto& insert = write->plan_->Root();
  if (insert.type != PhysicalOperatorType::EXTENSION || insert.children.size() != 1 ||
      insert.children[0].get().type != PhysicalOperatorType::COPY_TO_FILE) {
    *why_not = "it is planned in a way that is not understood";
    return nullptr;
  }
  auto& copy = insert.children[0].get().Cast<duckdb::PhysicalCopyToFile>();
  if (copy.return_type != duckdb::CopyFunctionReturnType::WRITTEN_FILE_STATISTICS ||
      copy.function.name != "parquet" || (copy.partition_output && !copy.hive_file_pattern)) {
    *why_not = "its files are written in a way that is not understood";
    return nullptr;
  }
  *why_not = WhyNotBelow(copy.children[0].get());
  if (!why_not->empty()) return nullptr;
  write->folder_ = copy.file_path;
  write->nested_ = copy.partition_output;
  write->prefix_ = (ducklake ? "ducklake-" : "") + NewId() + "-";
  op = std::move(rows);
  return write;
}

duckdb::unique_ptr<duckdb::LogicalOperator> TableWrite::CopyOf(
    duckdb::Binder& binder, duckdb::unique_ptr<duckdb::LogicalOperator> rows) {
  auto& from = plan_->Root().children[0].get().Cast<duckdb::PhysicalCopyToFile>();
  std::vector<PhysicalOperator*> between;
  for (auto* op = &from.children[0].get(); op->type != PhysicalOperatorType::EMPTY_RESULT;
       op = &op->children[0].get())
    between.push_back(op);
  for (auto op = between.rbegin(); op != between.rend(); ++op) {
    if ((*op)->type != PhysicalOperatorType::PROJECTION) continue;
    auto expressions = std::move((*op)->Cast<duckdb::PhysicalProjection>().select_list);
    for (auto& expression : expressions) BindTo(rows->GetColumnBindings(), expression);
    auto projection = duckdb::make_uniq<duckdb::LogicalProjection>(binder.GenerateTableIndex(),
                                                                   std::move(expressions));
    projection->children.push_back(std::move(rows));
    projection->ResolveOperatorTypes();
    rows = std::move(projection);
  }
  auto info = duckdb::make_uniq<duckdb::CopyInfo>();
  info->is_from = false;
  info->format = "parquet";
  info->file_path = from.file_path;
  auto copy = duckdb::make_uniq<duckdb::LogicalCopyToFile>(
      std::move(from.function), std::move(from.bind_data), std::move(info));
  copy->file_path = from.file_path;
  copy->use_tmp_file = from.use_tmp_file;
  copy->filename_pattern.SetFilenamePattern(prefix_ + "{uuid}");
  copy->file_extension = from.file_extension;
  copy->overwrite_mode = from.overwrite_mode;
  copy->per_thread_output = from.per_thread_output;
  copy->file_size_bytes = from.file_size_bytes;
  copy->rotate = from.rotate;
  copy->return_type = from.return_type;
  copy->partition_output = from.partition_output;
  copy->write_partition_columns = from.write_partition_columns;
  copy->write_empty_file = from.write_empty_file;
  copy->hive_file_pattern = from.hive_file_pattern;
  copy->partition_columns = from.partition_columns;
  copy->names = from.names;
  copy->expected_types = from.expected_types;
  copy->children.push_back(std::move(rows));
  copy->ResolveOperatorTypes();
  return copy;
}

duckdb::unique_ptr<duckdb::LogicalOperator> TableWrite::TakeIn(
    duckdb::unique_ptr<duckdb::LogicalOperator> written) {
  return duckdb::make_uniq<TakeInFiles>(plan_->Root(), std::move(written));
}

TableWrite::~TableWrite() {
  if (!begun_) return;
  try {
    RemoveFilesBut({});
  } catch (...) {
    // What stays is what the format calls orphaned files, and nobody reads.
  }
}

void TableWrite::Finish(const std::vector<std::string>& taken) {
  begun_ = false;
  RemoveFilesBut(taken);
}

void TableWrite::RemoveFilesBut(const std::vector<std::string>& taken) {
  // By name: the same folder is listed as /folder and named as file:///folder.
  const auto name_of = [](const std::string& path) { return path.substr(path.rfind('/') + 1); };
  std::set<std::string> keep;
  for (const auto& path : taken) keep.insert(name_of(path));
  auto& files = duckdb::FileSystem::GetFileSystem(context_);
  std::string folder = folder_;
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  for (const auto& file : files.Glob(folder + (nested_ ? "/**/" : "/") + prefix_ + "*")) {
    if (!keep.contains(name_of(file.path))) files.TryRemoveFile(file.path);
  }
}

}  // namespace skein::distributed
