#include "engine/attachments.h"

#include <utility>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_search_path.hpp"
#include "duckdb/common/exception/binder_exception.hpp"
#include "duckdb/common/file_system.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_config.hpp"
#include "duckdb/main/client_data.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/main/database_manager.hpp"
#include "duckdb/main/database_path_and_type.hpp"
#include "duckdb/main/materialized_query_result.hpp"
#include "duckdb/transaction/meta_transaction.hpp"

#include "common/random.h"
#include "engine/duckdb_error.h"

namespace skein::engine {
namespace {

using duckdb::StringUtil;

/// How long a cancelled statement may go on waiting for another session.
constexpr std::chrono::milliseconds kLookAtCancel{50};

/// As DuckDB derives it from the path.
std::string NameFromPath(duckdb::ClientContext& context, std::string path) {
  std::string type;
  duckdb::DBPathAndType::ExtractExtensionPrefix(path, type);
  return duckdb::AttachedDatabase::ExtractDatabaseName(path,
                                                       duckdb::FileSystem::GetFileSystem(context));
}

/// What two sessions may share: a file of this machine, which either may open by the rules of
/// files, without a secret. The empty string for everything else.
std::string WordsOfFile(const duckdb::AttachInfo& info, const std::string& name) {
  std::string path = info.path;
  std::string type;
  duckdb::DBPathAndType::ExtractExtensionPrefix(path, type);
  if (path.empty() || path == ":memory:" || StringUtil::Contains(path, "://")) return {};
  auto words = info.Copy();
  words->name = StringUtil::Lower(name);
  words->on_conflict = duckdb::OnCreateConflict::ERROR_ON_CONFLICT;
  for (const auto& [option, value] : words->parsed_options) {
    if (StringUtil::Contains(StringUtil::Lower(option), "secret")) return {};
    if (StringUtil::CIEquals(option, "type") && value) type = StringUtil::Lower(value->ToString());
  }
  bool file = type.empty() || StringUtil::Contains(type, "duckdb") ||
              StringUtil::Contains(type, "ducklake") || StringUtil::Contains(type, "sqlite");
  return file ? words->ToString() : std::string();
}

/// The error of a statement that named the key, as of one that named the database.
Status Renamed(const Status& error, const std::string& key, const std::string& name) {
  Status renamed(error.code(), error.sqlstate(), StringUtil::Replace(error.message(), key, name));
  if (!error.hint().empty())
    renamed = std::move(renamed).WithHint(StringUtil::Replace(error.hint(), key, name));
  return renamed;
}

}  // namespace

Attached::Attached(duckdb::DatabaseInstance& instance, const std::string& key,
                   const std::string& name, std::shared_ptr<void> counted,
                   std::function<void()> gone)
    : instance_(instance),
      counted_(std::move(counted)),
      gone_(std::move(gone)),
      database_(duckdb::DatabaseManager::Get(instance).DetachInternal(key)) {
  if (!database_) throw duckdb::InternalException("%s was not attached", name);
  database_->SetName(name);
}

Attached::~Attached() {
  try {
    // What DuckDB does for DETACH.
    duckdb::Connection connection(instance_);
    connection.context->RunFunctionInTransaction([&] { database_->OnDetach(*connection.context); });
    duckdb::AttachedDatabase::InvokeCloseIfLastReference(database_);
  } catch (...) {
    // What could not be written stays in the write-ahead log for whoever attaches it next.
  }
  database_.reset();
  if (gone_) gone_();
}

void Attachments::ShareAll(duckdb::DatabaseInstance& instance) {
  auto& manager = duckdb::DatabaseManager::Get(instance);
  for (const auto& database : manager.GetDatabases()) {
    shared_.insert(database->oid);
    shared_names_.insert(database->GetName());
  }
  shared_.insert(manager.GetSystemCatalog().GetAttached().oid);
  shared_names_.insert({SYSTEM_CATALOG, TEMP_CATALOG});
}

Result<std::shared_ptr<Attached>> Attachments::ShareFile(const std::string& words,
                                                         CancelToken& cancel, const Opener& open) {
  {
    std::unique_lock lock(mu_);
    while (true) {
      auto file = files_.find(words);
      if (file == files_.end()) break;
      if (file->second) {
        if (auto attached = file->second->lock()) return attached;
      }
      if (cancel.cancelled()) return cancel.status();
      changed_.wait_for(lock, kLookAtCancel);
    }
    files_[words] = std::nullopt;
  }
  try {
    auto attached = open([this, words] { Forget(words); });
    if (!attached.ok()) {
      Forget(words);
      return attached;
    }
    std::lock_guard lock(mu_);
    files_[words] = *attached;
    changed_.notify_all();
    return attached;
  } catch (...) {
    Forget(words);
    throw;
  }
}

std::shared_ptr<void> Attachments::CountPrivate() {
  ++private_;
  return {nullptr, [this](void*) { --private_; }};
}

void Attachments::Forget(const std::string& words) {
  std::lock_guard lock(mu_);
  files_.erase(words);
  changed_.notify_all();
}

bool SessionAttachments::IsOwn(const std::string& name) {
  std::lock_guard lock(mu_);
  return own_.contains(name);
}

Status SessionAttachments::Attach(duckdb::ClientContext& context,
                                  const duckdb::AttachStatement& statement, CancelToken& cancel) {
  const duckdb::AttachInfo& info = *statement.info;
  const std::string name = info.name.empty() ? NameFromPath(context, info.path) : info.name;
  if (duckdb::AttachedDatabase::NameIsReserved(name)) {
    return errors::InvalidParameter("database name \"" + name + "\" is reserved")
        .WithHint("Give it another one: ATTACH '...' AS name.");
  }
  for (const auto& [option, value] : info.parsed_options) {
    if (StringUtil::CIEquals(option, "metadata_catalog") ||
        StringUtil::CIEquals(option, "meta_catalog")) {
      return errors::NotSupported("ATTACH: the option " + StringUtil::Upper(option) +
                                  " is not available: others would see that database")
          .WithHint("Leave it out.");
    }
  }
  const bool is_own = IsOwn(name);
  const bool is_everybodys =
      !is_own && duckdb::DatabaseManager::Get(context).GetDatabase(name) != nullptr;
  if (is_own || is_everybodys) {
    if (info.on_conflict == duckdb::OnCreateConflict::IGNORE_ON_CONFLICT) return Status::OK();
    if (is_everybodys || info.on_conflict != duckdb::OnCreateConflict::REPLACE_ON_CONFLICT) {
      return Status(StatusCode::kAlreadyExists, "42P04", "database \"" + name + "\" already exists")
          .WithHint("Give it another name: ATTACH '...' AS name; or write ATTACH IF NOT EXISTS.");
    }
    Remove(context, name);
  }
  auto open = [&](std::function<void()> gone) {
    return Open(context, statement, name, cancel, std::move(gone));
  };
  const std::string words = WordsOfFile(info, name);
  SKEIN_ASSIGN_OR_RETURN(auto attached,
                         words.empty() ? open(nullptr) : everybody_.ShareFile(words, cancel, open));
  if (context.transaction.HasActiveTransaction())
    duckdb::MetaTransaction::Get(context).UseDatabase(attached->database());
  std::lock_guard lock(mu_);
  own_[name] = std::move(attached);
  return Status::OK();
}

Result<std::shared_ptr<Attached>> SessionAttachments::Open(duckdb::ClientContext& context,
                                                           const duckdb::AttachStatement& statement,
                                                           const std::string& name,
                                                           CancelToken& cancel,
                                                           std::function<void()> gone) {
  // In a transaction of its own: this session's would know it by the key. The other connection has
  // the session's settings and secrets, for remote files and catalogues.
  duckdb::Connection other(*context.db);
  duckdb::ClientConfig::GetConfig(*other.context).user_settings =
      duckdb::ClientConfig::GetConfig(context).user_settings;
  SessionSecrets::Loan loan;
  if (secrets_) loan = secrets_->Lend(context.GetConnectionId(), other.context->GetConnectionId());
  auto registration = cancel.OnCancel([&other] { other.Interrupt(); });

  auto counted = everybody_.CountPrivate();
  const std::string key = name + "_" + RandomHex(16);
  auto copy =
      duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::AttachStatement>(statement.Copy());
  copy->info->name = key;
  copy->info->on_conflict = duckdb::OnCreateConflict::ERROR_ON_CONFLICT;
  auto result = other.Query(std::move(copy));
  registration.Detach();
  if (cancel.cancelled() && result->HasError()) return cancel.status();
  if (result->HasError()) return Renamed(FromDuckdb(result->GetErrorObject()), key, name);
  return std::make_shared<Attached>(*context.db, key, name, std::move(counted), std::move(gone));
}

Status SessionAttachments::Detach(duckdb::ClientContext& context,
                                  const duckdb::DetachStatement& statement) {
  const std::string& name = statement.info->name;
  if (!IsOwn(name)) {
    if (duckdb::DatabaseManager::Get(context).GetDatabase(name))
      return errors::PermissionDenied("database \"" + name + "\" is not this session's to detach");
    if (statement.info->if_not_found == duckdb::OnEntryNotFound::RETURN_NULL) return Status::OK();
    return Status(StatusCode::kNotFound, "3D000", "database \"" + name + "\" does not exist");
  }
  const auto& path = *duckdb::ClientData::Get(context).catalog_search_path;
  if (StringUtil::CIEquals(path.GetDefault().catalog, name)) {
    return Status(StatusCode::kFailedPrecondition, "55006",
                  "cannot detach database \"" + name + "\": it is the one in use")
        .WithHint("Choose another one first: USE name.");
  }
  Remove(context, name);
  return Status::OK();
}

void SessionAttachments::Remove(duckdb::ClientContext& context, const std::string& name) {
  std::shared_ptr<Attached> removed;
  {
    std::lock_guard lock(mu_);
    auto found = own_.find(name);
    removed = std::move(found->second);
    own_.erase(found);
  }
  if (context.transaction.HasActiveTransaction())
    duckdb::MetaTransaction::Get(context).DetachDatabase(*removed->database());
}

void SessionAttachments::DetachAll(duckdb::ClientContext& context) {
  auto& path = *duckdb::ClientData::Get(context).catalog_search_path;
  if (!path.GetDefault().catalog.empty() && !everybody_.IsShared(path.GetDefault().catalog))
    path.Reset();
  decltype(own_) gone;  // detached without the lock
  {
    std::lock_guard lock(mu_);
    gone.swap(own_);
  }
}

std::vector<std::shared_ptr<Attached>> SessionAttachments::List() {
  std::lock_guard lock(mu_);
  std::vector<std::shared_ptr<Attached>> list;
  for (const auto& [name, attached] : own_) list.push_back(attached);
  return list;
}

bool SessionAttachments::IsEverybodys(duckdb::ClientContext& context, duckdb::idx_t oid) const {
  return everybody_.IsShared(oid) || duckdb::ClientData::Get(context).temporary_objects->oid == oid;
}

void SessionAttachments::TransactionBegin(duckdb::MetaTransaction& transaction,
                                          duckdb::ClientContext&) {
  std::lock_guard lock(mu_);
  for (const auto& [name, attached] : own_) transaction.UseDatabase(attached->database());
}

}  // namespace skein::engine
