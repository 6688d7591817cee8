#include "results/json_encoder.h"

#include <algorithm>
#include <set>
#include <utility>

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "results/json_value.h"

namespace skein::results {
namespace {

void MakeNamesUnique(std::vector<ColumnPlan>* plans) {
  std::set<std::string> taken;
  for (const ColumnPlan& plan : *plans) taken.insert(plan.name);
  std::set<std::string> used;
  for (ColumnPlan& plan : *plans) {
    std::string name = plan.name;
    for (int i = 1; !used.insert(name).second; ++i) {
      name = plan.name + "_" + std::to_string(i);
      if (taken.count(name)) name = plan.name;  // another column has that name already
    }
    plan.name = std::move(name);
  }
}

}  // namespace

Result<std::unique_ptr<JsonEncoder>> JsonEncoder::Make(const arrow::Schema& schema,
                                                       const JsonEncodeOptions& options) {
  SKEIN_ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Load(options.time_zone));
  std::vector<ColumnPlan> plans;
  for (const auto& field : schema.fields()) {
    SKEIN_ASSIGN_OR_RETURN(ColumnPlan plan, PlanColumn(*field));
    plans.push_back(std::move(plan));
  }
  MakeNamesUnique(&plans);
  for (ColumnPlan& plan : plans) ChooseJsonWriters(&plan);
  return std::unique_ptr<JsonEncoder>(new JsonEncoder(std::move(plans), std::move(zone)));
}

Status JsonEncoder::Append(const arrow::RecordBatch& batch, int64_t begin, int64_t max_rows,
                           size_t max_bytes, std::string* out, int64_t* rows_written) {
  *rows_written = 0;
  SKEIN_ASSIGN_OR_RETURN(std::vector<ColumnView> views, BindBatch(plans_, batch));
  EncodeContext context{ByteWriter(out), zone_};
  context.blob_base64 = true;
  size_t start = context.out.size();
  int64_t end = begin + std::min(max_rows, batch.num_rows() - begin);
  for (int64_t row = begin; row < end; ++row) {
    size_t row_start = context.out.size();
    if (row_start - start >= max_bytes && row > begin) break;
    context.out.Put(comma_due_ ? std::string_view(",{") : std::string_view("{"));
    bool first = true;
    for (const ColumnView& view : views) {
      if (!first) context.out.Put(',');
      first = false;
      context.out.Put(view.plan->json_key);
      if (view.IsNull(row)) {
        context.out.Put("null");
      } else {
        view.write(view, row, context);
      }
    }
    context.out.Put('}');
    if (!context.error.ok()) [[unlikely]] {
      context.out.TruncateTo(row_start);
      return context.error;
    }
    comma_due_ = true;
    ++*rows_written;
  }
  return Status::OK();
}

}  // namespace skein::results
