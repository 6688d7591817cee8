#include "results/column_view.h"

#include <utility>

#include <arrow/array/data.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/key_value_metadata.h>

#include "results/field_type.h"

namespace skein::results {
namespace {

StoredUnit UnitOf(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return StoredUnit::kSeconds;
    case arrow::TimeUnit::MILLI:
      return StoredUnit::kMillis;
    case arrow::TimeUnit::MICRO:
      return StoredUnit::kMicros;
    case arrow::TimeUnit::NANO:
      return StoredUnit::kNanos;
  }
  return StoredUnit::kMicros;
}

Layout LayoutOf(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::BOOL:
      return Layout::kBits;
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return Layout::kText32;
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return Layout::kText64;
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      return Layout::kTextView;
    case arrow::Type::DICTIONARY:
      return Layout::kDictionary;
    case arrow::Type::LIST:
      return Layout::kList32;
    case arrow::Type::LARGE_LIST:
      return Layout::kList64;
    case arrow::Type::FIXED_SIZE_LIST:
      return Layout::kFixedList;
    case arrow::Type::STRUCT:
      return Layout::kStruct;
    case arrow::Type::MAP:
      return Layout::kMap;
    case arrow::Type::NA:
      return Layout::kNone;
    default:
      break;
  }
  switch (type.bit_width()) {
    case 8:
      return Layout::kFixed1;
    case 16:
      return Layout::kFixed2;
    case 32:
      return Layout::kFixed4;
    case 64:
      return Layout::kFixed8;
    case 128:
      return Layout::kFixed16;
    default:
      return Layout::kNone;
  }
}

Status PlanInto(const arrow::Field& field, DuckDbType type, ColumnPlan* plan) {
  const arrow::DataType& storage = *field.type();
  plan->name = field.name();
  plan->layout = LayoutOf(storage);
  plan->pg = PgTypeFor(type);
  auto child = [&](const std::shared_ptr<arrow::Field>& nested, DuckDbType nested_type) {
    return PlanInto(*nested, std::move(nested_type), &plan->children.emplace_back());
  };
  switch (storage.id()) {
    case arrow::Type::TIMESTAMP:
      plan->unit = UnitOf(static_cast<const arrow::TimestampType&>(storage).unit());
      break;
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
      plan->unit = UnitOf(static_cast<const arrow::TimeType&>(storage).unit());
      break;
    case arrow::Type::DICTIONARY: {
      const auto& dictionary = static_cast<const arrow::DictionaryType&>(storage);
      plan->index_layout = LayoutOf(*dictionary.index_type());
      plan->index_signed = arrow::is_signed_integer(dictionary.index_type()->id());
      auto values = arrow::field("", dictionary.value_type());
      SKEIN_ASSIGN_OR_RETURN(DuckDbType value_type, TypeOfField(*values));
      SKEIN_RETURN_IF_ERROR(child(values, std::move(value_type)));
      break;
    }
    case arrow::Type::FIXED_SIZE_LIST:
      plan->list_size = static_cast<const arrow::FixedSizeListType&>(storage).list_size();
      [[fallthrough]];
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
      SKEIN_RETURN_IF_ERROR(child(storage.field(0), type.children[0]));
      break;
    case arrow::Type::STRUCT:
      for (int i = 0; i < storage.num_fields(); ++i) {
        SKEIN_RETURN_IF_ERROR(child(storage.field(i), type.children[static_cast<size_t>(i)]));
      }
      break;
    case arrow::Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(storage);
      SKEIN_RETURN_IF_ERROR(child(map.key_field(), type.children[0]));
      SKEIN_RETURN_IF_ERROR(child(map.item_field(), type.children[1]));
      break;
    }
    default:
      break;
  }
  plan->type = std::move(type);
  return Status::OK();
}

Status DoesNotFit(const ColumnPlan& plan) {
  return errors::Internal("a batch does not have the columns of its result's schema, at: " +
                          plan.name);
}

}  // namespace

Result<ColumnPlan> PlanColumn(const arrow::Field& field) {
  SKEIN_ASSIGN_OR_RETURN(DuckDbType type, TypeOfField(field));
  ColumnPlan plan;
  SKEIN_RETURN_IF_ERROR(PlanInto(field, std::move(type), &plan));
  if (plan.type.kind == TypeKind::kJson && field.HasMetadata()) {
    auto declared = field.metadata()->Get(kDeclaredMetadataKey);
    plan.jsonb = declared.ok() && declared->starts_with(std::to_string(pg_oid::kJsonb) + " ");
  }
  return plan;
}

Status BindColumn(const ColumnPlan& plan, const arrow::ArrayData& array, ColumnView* view) {
  if (LayoutOf(*array.type) != plan.layout) return DoesNotFit(plan);
  view->plan = &plan;
  view->write = plan.write;
  view->offset = array.offset;
  view->length = array.length;
  view->all_null = plan.layout == Layout::kNone;
  if (array.MayHaveNulls() && !view->all_null && array.GetNullCount() > 0)
    view->validity = array.buffers[0]->data();
  auto buffer = [&](size_t i) { return array.buffers[i] ? array.buffers[i]->data() : nullptr; };
  if (plan.layout != Layout::kNone && plan.layout != Layout::kStruct &&
      plan.layout != Layout::kFixedList) {
    view->data = buffer(1);
  }
  if (plan.layout == Layout::kText32 || plan.layout == Layout::kText64) {
    view->characters = reinterpret_cast<const char*>(buffer(2));
  }
  if (plan.layout == Layout::kTextView) {
    for (size_t i = 2; i < array.buffers.size(); ++i) {
      view->variadic.push_back(reinterpret_cast<const char*>(buffer(i)));
    }
  }
  view->children.resize(plan.children.size());
  if (plan.layout == Layout::kDictionary) {
    if (!array.dictionary) return DoesNotFit(plan);
    if (array.dictionary->GetNullCount() > 0) {
      return errors::NotSupported("a dictionary with NULL among its values cannot be sent, at: " +
                                  plan.name);
    }
    return BindColumn(plan.children[0], *array.dictionary, &view->children[0]);
  }
  // A map's keys and values are the members of its one child.
  const arrow::ArrayData* parent = &array;
  int64_t entries_offset = 0;
  if (plan.layout == Layout::kMap) {
    if (array.child_data.size() != 1) return DoesNotFit(plan);
    parent = array.child_data[0].get();
    entries_offset = parent->offset;
  }
  if (parent->child_data.size() != plan.children.size()) return DoesNotFit(plan);
  for (size_t i = 0; i < plan.children.size(); ++i) {
    SKEIN_RETURN_IF_ERROR(BindColumn(plan.children[i], *parent->child_data[i], &view->children[i]));
    view->children[i].offset += entries_offset;
  }
  return Status::OK();
}

Result<std::vector<ColumnView>> BindBatch(const std::vector<ColumnPlan>& plans,
                                          const arrow::RecordBatch& batch) {
  if (static_cast<size_t>(batch.num_columns()) != plans.size()) {
    return errors::Internal("a batch has not as many columns as its result's schema");
  }
  std::vector<ColumnView> views(plans.size());
  for (size_t i = 0; i < plans.size(); ++i) {
    SKEIN_RETURN_IF_ERROR(BindColumn(plans[i], *batch.column_data(static_cast<int>(i)), &views[i]));
  }
  return views;
}

Int128 ColumnView::Unscaled(int64_t row) const {
  switch (plan->layout) {
    case Layout::kFixed4:
      return Fixed<int32_t>(row);
    case Layout::kFixed8:
      return Fixed<int64_t>(row);
    default:
      return Fixed<Int128>(row);
  }
}

int64_t ColumnView::Index(int64_t row) const {
  switch (plan->index_layout) {
    case Layout::kFixed1:
      return plan->index_signed ? Fixed<int8_t>(row) : Fixed<uint8_t>(row);
    case Layout::kFixed2:
      return plan->index_signed ? Fixed<int16_t>(row) : Fixed<uint16_t>(row);
    case Layout::kFixed4:
      return plan->index_signed ? int64_t{Fixed<int32_t>(row)} : int64_t{Fixed<uint32_t>(row)};
    default:
      return Fixed<int64_t>(row);
  }
}

void ColumnView::ListRange(int64_t row, int64_t* begin, int64_t* end) const {
  if (plan->layout == Layout::kFixedList) {
    *begin = (row + offset) * plan->list_size;
    *end = *begin + plan->list_size;
  } else if (plan->layout == Layout::kList64) {
    *begin = Fixed<int64_t>(row);
    *end = Fixed<int64_t>(row + 1);
  } else {
    *begin = Fixed<int32_t>(row);
    *end = Fixed<int32_t>(row + 1);
  }
}

}  // namespace skein::results
