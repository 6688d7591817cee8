#include "engine/duckdb_error.h"

#include <array>
#include <new>
#include <string_view>
#include <unordered_map>

#include "duckdb/common/error_data.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/common/string_util.hpp"
#include <nlohmann/json.hpp>

namespace skein::engine {
namespace {

using duckdb::ExceptionType;

struct Class {
  StatusCode code;
  std::string_view sqlstate;
  Origin origin = Origin::kUser;
};

/// An error taken apart. DuckDB is set to write its errors as JSON: the other form draws the line
/// of the statement into the message and forgets the position.
struct Facts {
  ExceptionType type;
  std::string message;
  std::unordered_map<std::string, std::string> extra;
};

Facts TakeApart(const duckdb::ErrorData& error) {
  Facts facts{error.Type(), error.RawMessage(), {}};
  for (const auto& [key, value] : error.ExtraInfo()) facts.extra[key] = value;
  if (facts.message.rfind("{\"exception_type\"", 0) != 0) return facts;
  auto json = nlohmann::json::parse(facts.message, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return facts;
  for (const auto& [key, value] : json.items()) {
    if (value.is_string()) facts.extra[key] = value.get<std::string>();
  }
  if (auto it = facts.extra.find("exception_message"); it != facts.extra.end())
    facts.message = it->second;
  return facts;
}

std::string Extra(const Facts& error, const std::string& key) {
  auto it = error.extra.find(key);
  return it == error.extra.end() ? std::string() : it->second;
}

bool Starts(std::string_view text, std::string_view prefix) { return text.rfind(prefix, 0) == 0; }
bool Contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

/// Catalogue errors: what was looked up decides the SQLSTATE (appendix A, class 42 and 3F/3D).
Class CatalogClass(const Facts& error) {
  const std::string& message = error.message;
  std::string subtype = Extra(error, "error_subtype");
  if (subtype == "ENTRY_ALREADY_EXISTS" || Contains(message, "already exists")) {
    if (Starts(message, "Column with name")) return {StatusCode::kAlreadyExists, "42701"};
    if (Contains(message, "Schema")) return {StatusCode::kAlreadyExists, "42P06"};
    if (Contains(message, "Function") || Contains(message, "Macro")) {
      return {StatusCode::kAlreadyExists, "42723"};
    }
    if (Contains(message, "Type")) return {StatusCode::kAlreadyExists, "42710"};
    return {StatusCode::kAlreadyExists, "42P07"};
  }
  std::string type = Extra(error, "type");
  auto starts = [&](std::string_view prefix) { return message.rfind(prefix, 0) == 0; };
  if (Contains(type, "Function") || starts("Scalar Function") || starts("Table Function") ||
      starts("Aggregate Function") || starts("Macro") || starts("Table Macro")) {
    return {StatusCode::kNotFound, "42883"};
  }
  if (type == "Schema" || starts("Schema")) return {StatusCode::kNotFound, "3F000"};
  if (type == "Database" || starts("Catalog ")) return {StatusCode::kNotFound, "3D000"};
  if (type == "Type" || starts("Type")) return {StatusCode::kNotFound, "42704"};
  if (type == "Table" || type == "View" || type == "Sequence" || starts("Table") ||
      starts("View") || starts("Sequence")) {
    return {StatusCode::kNotFound, "42P01"};
  }
  if (Contains(message, "configuration parameter") || starts("Setting")) {
    return {StatusCode::kNotFound, "42704"};
  }
  if (Contains(message, "does not exist")) return {StatusCode::kNotFound, "42704"};
  if (starts("Existing object")) return {StatusCode::kInvalidArgument, "42809"};
  if (Contains(message, "Could not drop the table"))
    return {StatusCode::kFailedPrecondition, "2BP01"};
  return {StatusCode::kInvalidArgument, "42000"};
}

/// Whether the first quoted text of the message is a number.
bool QuotesNumber(std::string_view message) {
  size_t open = message.find('\'');
  size_t close = open == message.npos ? message.npos : message.find('\'', open + 1);
  if (close == message.npos || close == open + 1) return false;
  return message.substr(open + 1, close - open - 1).find_first_not_of(" +-.0123456789") ==
         message.npos;
}

/// NaN or infinity that should have become a DECIMAL.
bool CastsSpecialToDecimal(std::string_view message) {
  if (!Contains(message, "to DECIMAL")) return false;
  size_t open = message.find_first_of("'\"");
  size_t close = open == message.npos ? message.npos : message.find(message[open], open + 1);
  if (close == message.npos) return false;
  std::string text =
      duckdb::StringUtil::Lower(std::string(message.substr(open + 1, close - open - 1)));
  duckdb::StringUtil::Trim(text);
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.erase(0, 1);
  return text == "nan" || text == "infinity" || text == "inf";
}

/// Casts: text that is no value (22P02, for dates 22007), a value that does not fit (22003, 22008),
/// a cast there is not (42846).
Class ConversionClass(std::string_view message) {
  auto user = [](std::string_view state) { return Class{StatusCode::kInvalidArgument, state}; };
  if (Contains(message, "Unimplemented type for cast")) return user("42846");
  if (Contains(message, "extract specifier")) return user("22023");
  if (Starts(message, "Date out of range")) return user("22008");
  if (Contains(message, "time field value out of range") ||
      Contains(message, "date field value out of range") ||
      Contains(message, "timestamp field value out of range")) {
    return user(QuotesNumber(message) ? "22007" : "22008");
  }
  if (Contains(message, "field format") || Contains(message, "to INTERVAL")) return user("22007");
  if (Contains(message, "out of range") || Starts(message, "Could not cast value")) {
    return user("22003");
  }
  if (CastsSpecialToDecimal(message)) return user("22003");
  if (Contains(message, "to INT") || Contains(message, "to UINT") ||
      Contains(message, "to DECIMAL")) {
    return user(QuotesNumber(message) ? "22003" : "22P02");
  }
  return user("22P02");
}

Class OutOfRangeClass(std::string_view message) {
  auto user = [](std::string_view state) { return Class{StatusCode::kInvalidArgument, state}; };
  if (Contains(message, "square root of a negative")) return user("2201F");
  if (Contains(message, "logarithm of")) return user("2201E");
  if (Starts(message, "Date out of range") || Contains(message, "imestamp")) return user("22008");
  return user("22003");
}

Class BinderClass(const Facts& error) {
  const std::string& message = error.message;
  if (Extra(error, "error_subtype") == "COLUMN_NOT_FOUND" ||
      Contains(message, "Referenced column") || Contains(message, "Referenced update column") ||
      Contains(message, "does not have a column named") ||
      Contains(message, "does not have a column with name")) {
    return {StatusCode::kInvalidArgument, "42703"};
  }
  if (Contains(message, "values were supplied") ||
      Contains(message, "same number of result columns")) {
    return {StatusCode::kInvalidArgument, "42601"};
  }
  if (Contains(message, "LIMIT/OFFSET cannot be negative"))
    return {StatusCode::kInvalidArgument, "2201W"};
  if (Contains(message, "Duplicate column name")) return {StatusCode::kInvalidArgument, "42701"};
  if (Starts(message, "Subquery returns ")) return {StatusCode::kInvalidArgument, "42601"};
  if (Contains(message, "duplicate alias")) return {StatusCode::kInvalidArgument, "42712"};
  if (Contains(message, "cannot contain window functions"))
    return {StatusCode::kInvalidArgument, "42P20"};
  if (Contains(message, "Could not choose a best candidate"))
    return {StatusCode::kInvalidArgument, "42725"};
  if (Starts(message, "Prepared statement")) return {StatusCode::kNotFound, "26000"};
  if (Contains(message, "Ambiguous reference")) return {StatusCode::kInvalidArgument, "42702"};
  if (Extra(error, "error_subtype") == "NO_MATCHING_FUNCTION" ||
      Contains(message, "No function matches")) {
    return {StatusCode::kInvalidArgument, "42883"};
  }
  if (Contains(message, "must appear in the GROUP BY"))
    return {StatusCode::kInvalidArgument, "42803"};
  if (Contains(message, "aggregate")) return {StatusCode::kInvalidArgument, "42803"};
  if (Contains(message, "Referenced table")) return {StatusCode::kInvalidArgument, "42P01"};
  if (Contains(message, "Cannot compare values") ||
      Contains(message, "an explicit cast is required")) {
    return {StatusCode::kInvalidArgument, "42804"};
  }
  return {StatusCode::kInvalidArgument, "42P10"};
}

Class ConstraintClass(std::string_view message) {
  if (Contains(message, "NOT NULL")) return {StatusCode::kInvalidArgument, "23502"};
  if (Contains(message, "foreign key")) return {StatusCode::kInvalidArgument, "23503"};
  if (Contains(message, "CHECK")) return {StatusCode::kInvalidArgument, "23514"};
  return {StatusCode::kAlreadyExists, "23505"};
}

Class IoClass(std::string_view message) {
  if (Contains(message, "No files found"))
    return {StatusCode::kNotFound, "42P01", Origin::kStorage};
  if (Contains(message, "No space left") || Contains(message, "max_temp_directory_size")) {
    return {StatusCode::kResourceExhausted, "53100", Origin::kServer};
  }
  return {StatusCode::kUnavailable, "58030", Origin::kStorage};
}

Class HttpClass(const Facts& error) {
  std::string status = Extra(error, "status_code");
  std::string_view message = error.message;
  if (status == "401" || status == "403" || Contains(message, "HTTP 403") ||
      Contains(message, "HTTP 401")) {
    return {StatusCode::kPermissionDenied, "28000", Origin::kStorage};
  }
  if (status == "404" || Contains(message, "404"))
    return {StatusCode::kNotFound, "42P01", Origin::kStorage};
  return {StatusCode::kUnavailable, "58030", Origin::kStorage};
}

Class Classify(const Facts& error) {
  std::string_view message = error.message;
  switch (error.type) {
    case ExceptionType::PARSER:
    case ExceptionType::SYNTAX:
      return {StatusCode::kInvalidArgument, "42601"};
    case ExceptionType::CATALOG:
      return CatalogClass(error);
    case ExceptionType::BINDER:
      return BinderClass(error);
    case ExceptionType::CONVERSION:
      return ConversionClass(message);
    case ExceptionType::OUT_OF_RANGE:
      return OutOfRangeClass(message);
    case ExceptionType::DIVIDE_BY_ZERO:
      return {StatusCode::kInvalidArgument, "22012"};
    case ExceptionType::CONSTRAINT:
      return ConstraintClass(message);
    case ExceptionType::DEPENDENCY:
      return {StatusCode::kFailedPrecondition, "2BP01"};
    case ExceptionType::TRANSACTION:
      if (Contains(message, "aborted")) return {StatusCode::kFailedPrecondition, "25P02"};
      if (Contains(message, "conflict") || Contains(message, "Conflict"))
        return {StatusCode::kFailedPrecondition, "40001"};
      // Another transaction put the same key there meanwhile.
      if (Contains(message, "duplicate key")) return {StatusCode::kAlreadyExists, "23505"};
      if (Contains(message, "within a transaction"))
        return {StatusCode::kFailedPrecondition, "25001"};
      if (Contains(message, "no transaction is active"))
        return {StatusCode::kFailedPrecondition, "25P01"};
      if (Contains(message, "read-only")) return {StatusCode::kFailedPrecondition, "25006"};
      return {StatusCode::kFailedPrecondition, "25000"};
    case ExceptionType::INTERRUPT:
      return {StatusCode::kCancelled, "57014"};
    case ExceptionType::OUT_OF_MEMORY:
      return {StatusCode::kResourceExhausted, "53200", Origin::kServer};
    case ExceptionType::OBJECT_SIZE:
      return {StatusCode::kResourceExhausted, "54000"};
    case ExceptionType::PERMISSION:
      return {StatusCode::kPermissionDenied, "42501"};
    case ExceptionType::NOT_IMPLEMENTED:
      if (Contains(message, "Unknown TimeZone")) return {StatusCode::kInvalidArgument, "22023"};
      return {StatusCode::kUnimplemented, "0A000"};
    case ExceptionType::PARAMETER_NOT_RESOLVED:
      return {StatusCode::kInvalidArgument, "42P18"};
    case ExceptionType::PARAMETER_NOT_ALLOWED:
      return {StatusCode::kInvalidArgument, "42P02"};
    case ExceptionType::MISSING_EXTENSION:
    case ExceptionType::AUTOLOAD:
      return {StatusCode::kUnimplemented, "0A000"};
    case ExceptionType::HTTP:
      return HttpClass(error);
    case ExceptionType::IO:
      return IoClass(message);
    case ExceptionType::NETWORK:
    case ExceptionType::CONNECTION:
      return {StatusCode::kUnavailable, "08006", Origin::kStorage};
    case ExceptionType::INVALID_CONFIGURATION:
    case ExceptionType::SETTINGS:
      return {StatusCode::kInvalidArgument, "22023"};
    case ExceptionType::INVALID_INPUT:
      if (Contains(message, "configuration has been locked"))
        return {StatusCode::kPermissionDenied, "42501"};
      if (Contains(message, "read-only")) return {StatusCode::kFailedPrecondition, "25006"};
      if (Contains(message, "STORED generated column"))
        return {StatusCode::kUnimplemented, "0A000"};
      if (Contains(message, "More than one row returned by a subquery"))
        return {StatusCode::kInvalidArgument, "21000"};
      if (Contains(message, "UTF") || Contains(message, "unicode")) {
        return {StatusCode::kInvalidArgument, "22021"};
      }
      // A parameter's value that is not what its cast asks for.
      if (Starts(message, "Failed to cast value: "))
        return ConversionClass(message.substr(message.find(": ") + 2));
      return {StatusCode::kInvalidArgument, "22023"};
    case ExceptionType::INVALID_TYPE:
    case ExceptionType::MISMATCH_TYPE:
    case ExceptionType::UNKNOWN_TYPE:
      return {StatusCode::kInvalidArgument, "42804"};
    case ExceptionType::DECIMAL:
      return {StatusCode::kInvalidArgument, "22003"};
    case ExceptionType::SEQUENCE:
      return {StatusCode::kInvalidArgument, "2200H"};
    case ExceptionType::FATAL:
    case ExceptionType::INTERNAL:
      return {StatusCode::kInternal, "XX000", Origin::kServer};
    default:
      return {StatusCode::kInvalidArgument, "42000"};
  }
}

/// DuckDB's own settings as its messages name them, in this program's words.
std::string Reword(std::string message, std::string* hint) {
  constexpr std::string_view kDisabled = " - file system operations are disabled by configuration";
  if (size_t at = message.find(kDisabled); at != std::string::npos) {
    message.replace(at, kDisabled.size(),
                    ": it is outside the data directories and allowed locations of this server");
    *hint =
        "Files below data_dir (by absolute path, by a path from its first folder, or as a table by "
        "name) and URLs under "
        "allowed_locations can be "
        "used; the person who runs the server can extend both.";
  }
  constexpr std::string_view kLocked = " - the configuration has been locked";
  if (size_t at = message.find(kLocked); at != std::string::npos) {
    message.replace(at, kLocked.size(), ": it belongs to the server, not to a session");
  }
  constexpr std::string_view kTransaction = "TransactionContext Error: ";
  if (message.rfind(kTransaction, 0) == 0) message.erase(0, kTransaction.size());
  return message;
}

}  // namespace

Status FromDuckdb(const duckdb::ErrorData& duckdb_error) {
  const Facts error = TakeApart(duckdb_error);
  Class c = Classify(error);
  // Functions of our own say it themselves.
  const std::string given_state = Extra(error, "sqlstate");
  if (!given_state.empty()) c = {StatusCode::kInvalidArgument, given_state};
  std::string message = error.message;
  // The picture of the line is for a terminal; the position below carries the same.
  if (size_t picture = message.find("\n\nLINE "); picture != std::string::npos)
    message.resize(picture);
  std::string hint = Extra(error, "hint");
  for (std::string_view lead :
       {"\nDid you mean", "\nCandidate bindings", "\n\tCandidate", "\nCandidate", "\n\nLINE"}) {
    if (size_t at = message.find(lead); at != std::string::npos) {
      hint = message.substr(at + 1);
      message.resize(at);
      break;
    }
  }
  if (CastsSpecialToDecimal(message))
    hint = "numeric has no NaN and no infinity here: cast to double precision, which has both.";
  // It calls its functions over a connection of its own, where only the server's databases are.
  if (Starts(message, "Failed to perform CHECKPOINT; in DuckLake") &&
      Contains(message, "Failed to find attached database")) {
    c = {StatusCode::kUnimplemented, "0A000"};
    message = "CHECKPOINT of a DuckLake that a session attached is not supported";
    hint =
        "CALL what it consists of, with the DuckLake's name: ducklake_flush_inlined_data, "
        "ducklake_expire_snapshots, ducklake_merge_adjacent_files, ducklake_rewrite_data_files, "
        "ducklake_cleanup_old_files, ducklake_delete_orphaned_files.";
  }
  // What DuckDB advises then are settings of the server, which a session cannot change.
  if (size_t advice = message.find("\n\nPossible solutions:");
      c.sqlstate == "53200" && advice != std::string::npos) {
    message = "out of memory: " + message.substr(0, advice);
    hint =
        "The server gives all queries together so much memory (--max-memory-gb). Ask for less at a "
        "time, or fewer columns; sorting, joining and grouping go to disk, lists, long texts and "
        "ordered aggregates do not.";
  }
  message = Reword(std::move(message), &hint);
  while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.pop_back();
  Status status = Status(c.code, c.sqlstate, std::move(message)).WithOrigin(c.origin);
  if (c.sqlstate == "42P01") status = std::move(status).WithSubject(Extra(error, "name"));
  if (!hint.empty()) status = std::move(status).WithHint(std::move(hint));
  std::string position = Extra(error, "position");
  if (!position.empty() && position.find_first_not_of("0123456789") == std::string::npos &&
      position.size() < 12) {
    status = std::move(status).WithPosition(std::stoull(position));
  }
  if (c.code == StatusCode::kUnavailable || c.code == StatusCode::kResourceExhausted) {
    status = std::move(status).Retriable();
  }
  return status;
}

Status FromCurrentException() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return Status(StatusCode::kResourceExhausted, "53200", "out of memory")
        .WithOrigin(Origin::kServer);
  } catch (const std::exception& e) {
    return FromDuckdb(duckdb::ErrorData(e));
  } catch (...) {
    return errors::Internal("the engine threw something that is not an exception");
  }
}

}  // namespace skein::engine
