#include "distributed/fragment/format_file.h"

#include "duckdb/common/exception.hpp"
#include <gtest/gtest.h>

namespace skein::distributed {
namespace {

using Rows = std::vector<uint64_t>;

Rows Carried(const Rows& rows) {
  duckdb::OpenFileInfo file("a.parquet");
  SetDeletedRows(file, rows);
  return DeletedRowsOf(file);
}

TEST(FormatFile, CarriesDeletedRows) {
  for (const Rows& rows :
       {Rows{}, Rows{0}, Rows{0, 1, 2, 3}, Rows{127, 128, 16383, 16384, 1'000'000},
        Rows{5, 4'000'000'000'000, 4'000'000'000'001}})
    EXPECT_EQ(Carried(rows), rows);
}

TEST(FormatFile, RefusesDamagedRows) {
  for (const std::string& bytes : {std::string("\x80", 1), std::string(11, '\xff')}) {
    duckdb::OpenFileInfo file("a.parquet");
    file.extended_info = duckdb::make_shared_ptr<duckdb::ExtendedOpenFileInfo>();
    file.extended_info->options["skein_deleted"] = duckdb::Value::BLOB_RAW(bytes);
    EXPECT_THROW(DeletedRowsOf(file), duckdb::SerializationException);
  }
}

TEST(FormatFile, CarriesConstants) {
  duckdb::OpenFileInfo file("a.parquet");
  SetConstants(file,
               {{0, duckdb::Value::INTEGER(7)}, {12, duckdb::Value(duckdb::LogicalType::DATE)}});
  SetDeletedRows(file, {3});
  const FileConstants found = ConstantsOf(file);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found.at(0), duckdb::Value::INTEGER(7));
  EXPECT_TRUE(found.at(12).IsNull());
  EXPECT_EQ(found.at(12).type(), duckdb::LogicalType::DATE);
}

TEST(FormatFile, DoesNotChangeTheListItIsFrom) {
  duckdb::OpenFileInfo listed("a.parquet");
  listed.extended_info = duckdb::make_shared_ptr<duckdb::ExtendedOpenFileInfo>();
  listed.extended_info->options["file_size"] = duckdb::Value::UBIGINT(5);
  duckdb::OpenFileInfo file = listed;
  SetDeletedRows(file, {1});
  EXPECT_EQ(listed.extended_info->options.size(), 1U);
  EXPECT_EQ(file.extended_info->options.size(), 2U);
}

/// The rows of [start, start + count) that stay.
Rows Kept(duckdb::DeleteFilter& filter, uint64_t start, uint64_t count) {
  duckdb::SelectionVector selection;
  Rows rows;
  const auto size = filter.Filter(static_cast<duckdb::row_t>(start), count, selection);
  for (duckdb::idx_t i = 0; i < size; ++i) rows.push_back(start + selection.get_index(i));
  return rows;
}

TEST(FormatFile, LeavesOutDeletedRows) {
  auto filter = MakeDeleteFilter({2, 5, 6, 2047, 2048, 9000});
  EXPECT_EQ(Kept(*filter, 0, 8), (Rows{0, 1, 3, 4, 7}));
  EXPECT_EQ(Kept(*filter, 5, 2), Rows{});
  EXPECT_EQ(Kept(*filter, 7, 3), (Rows{7, 8, 9}));
  EXPECT_EQ(Kept(*filter, 2046, 4), (Rows{2046, 2049}));
  EXPECT_EQ(Kept(*filter, 9001, 2), (Rows{9001, 9002}));
  EXPECT_EQ(Kept(*filter, 8999, 1), Rows{8999});
}

}  // namespace
}  // namespace skein::distributed
