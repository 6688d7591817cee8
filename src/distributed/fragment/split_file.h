#pragma once

#include <functional>

#include "duckdb/common/multi_file/multi_file_list.hpp"
#include "duckdb/main/client_context.hpp"

#include "distributed/task.h"

namespace skein::distributed {

/// A whole file as it is now: a task that finds it changed fails. Its size is 0 when nobody knows
/// it without asking a remote store.
Split SplitOfFile(duckdb::ClientContext& context, const duckdb::OpenFileInfo& file);

/// Its bytes, as the source said or a local file system says; 0 when only a remote store knows.
uint64_t KnownSize(duckdb::ClientContext& context, const duckdb::OpenFileInfo& file);

/// Split::properties of a file of which all is known.
std::string PropertiesOf(const duckdb::OpenFileInfo& file);

/// The file with all that was known of it.
duckdb::OpenFileInfo FileOfSplit(const Split& split);

/// Rows of a file that is another one by now would be of no one moment, and its row ranges and
/// statistics those of the old one: throws then. For a remote file the file system does it at every
/// read.
void CheckUnchanged(duckdb::ClientContext& context, const Split& split);

/// The splits' files in their order, as they are: no name is taken for a pattern.
duckdb::shared_ptr<duckdb::MultiFileList> MakeFileList(const duckdb::vector<Split>& splits);
/// The same, of splits that are asked for by their number when the scan comes to them; null: no
/// more. From any thread.
duckdb::shared_ptr<duckdb::MultiFileList> MakeFileList(
    std::function<const TakenSplit*(size_t)> splits);

}  // namespace skein::distributed
