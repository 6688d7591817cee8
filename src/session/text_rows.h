#pragma once

#include <memory>
#include <string>
#include <vector>

#include "results/batch_stream.h"

namespace skein::session {

/// The schema of columns of text; `type` is the DuckDB type they are said to have.
std::shared_ptr<arrow::Schema> TextSchema(const std::vector<std::string>& names,
                                          const std::string& type = "VARCHAR");

/// A small result that the session makes itself: rows of texts, in TextSchema of as many names.
Result<std::unique_ptr<results::BatchStream>> TextRows(
    std::shared_ptr<arrow::Schema> schema, const std::vector<std::vector<std::string>>& rows);

}  // namespace skein::session
