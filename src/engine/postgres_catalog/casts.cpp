// Casts of the named types: to what they are made of, and between names and numbers. And those
// between times that PostgreSQL has and DuckDB has not.

#include "duckdb/common/exception.hpp"
#include "duckdb/common/exception/conversion_exception.hpp"
#include "duckdb/common/types/interval.hpp"
#include "duckdb/common/types/vector.hpp"
#include "duckdb/common/vector_operations/unary_executor.hpp"
#include "duckdb/function/cast/cast_function_set.hpp"
#include "duckdb/function/cast/default_casts.hpp"
#include "duckdb/function/function.hpp"
#include "duckdb/function/scalar_function.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/database.hpp"

#include "engine/postgres_catalog/functions.h"
#include "engine/postgres_catalog/pg_types.h"
#include "engine/postgres_catalog/session_state.h"
#include "engine/postgres_catalog/snapshot.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Vector;

/// Costs of implicit casts: lower wins. All are dearer than taking a value of any type as it is
/// (5), as DuckDB's own are: it has rewrites that choose among overloads and rely on that.
constexpr int64_t kSame = 100, kWiden = 105, kChange = 120, kToText = 149;

struct LookupData : duckdb::BoundCastData {
  explicit LookupData(RegKind given) : kind(given) {}
  RegKind kind;
  duckdb::unique_ptr<duckdb::BoundCastData> Copy() const override {
    return duckdb::make_uniq<LookupData>(kind);
  }
};

struct LookupState : duckdb::FunctionLocalState {
  duckdb::optional_ptr<duckdb::ClientContext> context;
};

duckdb::unique_ptr<duckdb::FunctionLocalState> InitLookup(
    duckdb::CastLocalStateParameters& parameters) {
  auto state = duckdb::make_uniq<LookupState>();
  state->context = parameters.context;
  return state;
}

std::string NameOf(duckdb::ClientContext& context, RegKind kind, uint32_t oid) {
  auto snapshot = Snapshot::Of(context);
  if (oid == 0) return "-";
  switch (kind) {
    case RegKind::kClass:
      if (const Relation* relation = snapshot->FindRelation(oid))
        return snapshot->DisplayName(*relation);
      break;
    case RegKind::kType:
      if (auto name = snapshot->TypeName(oid, -1)) return *name;
      break;
    case RegKind::kNamespace:
      if (const Namespace* space = snapshot->FindNamespace(oid))
        return QuoteIdentifier(space->name);
      break;
    case RegKind::kRole:
      if (oid == Snapshot::kOwner) return "skein";
      if (oid == StableOid("role", "", "", SessionUser(context))) return SessionUser(context);
      break;
    case RegKind::kProc:
      if (std::string name = BuiltinFunctionName(oid); !name.empty()) return name;
      if (const Function* function = snapshot->FindFunction(context, oid)) return function->name;
      break;
    case RegKind::kOther:
      break;
  }
  return std::to_string(oid);
}

uint32_t OidOf(duckdb::ClientContext& context, RegKind kind, std::string_view text) {
  if (text == "-") return 0;
  uint64_t number = 0;
  bool digits = !text.empty() && text.size() <= 10;
  for (char c : text) {
    digits = digits && c >= '0' && c <= '9';
    if (digits) number = number * 10 + static_cast<uint64_t>(c - '0');
  }
  if (digits && number <= UINT32_MAX) return static_cast<uint32_t>(number);
  auto snapshot = Snapshot::Of(context);
  std::string name(text);
  auto parts = SplitName(text);
  switch (kind) {
    case RegKind::kClass:
      if (const Relation* relation = snapshot->FindRelation(text)) return relation->oid;
      throw duckdb::CatalogException("Table with name %s does not exist: relation \"%s\"", name,
                                     name);
    case RegKind::kType:
      if (uint32_t oid = snapshot->FindTypeOid(text)) return oid;
      throw duckdb::CatalogException("Type with name %s does not exist", name);
    case RegKind::kNamespace:
      for (const Namespace& space : snapshot->namespaces) {
        if (parts.size() == 1 && space.name == parts[0]) return space.oid;
      }
      throw duckdb::CatalogException("Schema with name %s does not exist", name);
    case RegKind::kRole:
      if (parts.size() == 1 && parts[0] == "skein") return Snapshot::kOwner;
      if (parts.size() == 1 && parts[0] == SessionUser(context))
        return StableOid("role", "", "", parts[0]);
      throw duckdb::CatalogException("role \"%s\" does not exist", name);
    case RegKind::kProc: {
      // regprocedure has its arguments behind the name.
      parts = SplitName(text.substr(0, text.find('(')));
      if (!parts.empty()) {
        if (uint32_t oid = BuiltinFunctionOid(parts.back())) return oid;
        for (const Function& function : snapshot->Functions(context)) {
          if (function.name == parts.back()) return function.oid;
        }
      }
      throw duckdb::CatalogException("Scalar Function with name %s does not exist", name);
    }
    case RegKind::kOther:
      break;
  }
  throw duckdb::ConversionException("\"%s\" is no number, and this type takes numbers only", name);
}

duckdb::ClientContext& ContextOf(duckdb::CastParameters& parameters) {
  auto& state = parameters.local_state->Cast<LookupState>();
  if (!state.context)
    throw duckdb::ConversionException("names of the catalogue cannot be looked up here");
  return *state.context;
}

/// Runs `convert(value)` for what is not NULL.
template <typename From, typename To, typename Convert>
bool ForEach(Vector& source, Vector& result, duckdb::idx_t count, Convert convert) {
  duckdb::UnaryExecutor::Execute<From, To>(source, result, count, convert);
  return true;
}

bool NameToOid(Vector& source, Vector& result, duckdb::idx_t count,
               duckdb::CastParameters& parameters) {
  RegKind kind = parameters.cast_data->Cast<LookupData>().kind;
  duckdb::ClientContext& context = ContextOf(parameters);
  return ForEach<duckdb::string_t, uint32_t>(source, result, count, [&](duckdb::string_t text) {
    return OidOf(context, kind, {text.GetData(), text.GetSize()});
  });
}

bool OidToName(Vector& source, Vector& result, duckdb::idx_t count,
               duckdb::CastParameters& parameters) {
  RegKind kind = parameters.cast_data->Cast<LookupData>().kind;
  duckdb::ClientContext& context = ContextOf(parameters);
  return ForEach<uint32_t, duckdb::string_t>(source, result, count, [&](uint32_t oid) {
    return duckdb::StringVector::AddString(result, NameOf(context, kind, oid));
  });
}

/// Vectors are written with blanks between.
bool VectorToText(Vector& source, Vector& result, duckdb::idx_t count, duckdb::CastParameters&) {
  for (duckdb::idx_t row = 0; row < count; ++row) {
    duckdb::Value list = source.GetValue(row);
    if (list.IsNull()) {
      result.SetValue(row, duckdb::Value(LogicalType::VARCHAR));
      continue;
    }
    std::string text;
    for (const auto& value : duckdb::ListValue::GetChildren(list))
      text += (text.empty() ? "" : " ") + value.ToString();
    result.SetValue(row, duckdb::Value(text));
  }
  return true;
}

bool TextToVector(Vector& source, Vector& result, duckdb::idx_t count, duckdb::CastParameters&) {
  for (duckdb::idx_t row = 0; row < count; ++row) {
    duckdb::Value text = source.GetValue(row);
    if (text.IsNull()) {
      result.SetValue(row, duckdb::Value(result.GetType()));
      continue;
    }
    std::string list = "[";
    for (char c : duckdb::StringValue::Get(text)) {
      if (c == '{' || c == '}') continue;
      list += c == ' ' ? ',' : c;
    }
    result.SetValue(row, duckdb::Value(list + "]").DefaultCastAs(result.GetType()));
  }
  return true;
}

/// One cast behind another.
struct ChainData : duckdb::BoundCastData {
  ChainData(duckdb::BoundCastInfo one, duckdb::BoundCastInfo other, LogicalType between)
      : first(std::move(one)), second(std::move(other)), middle(std::move(between)) {}
  duckdb::BoundCastInfo first;
  duckdb::BoundCastInfo second;
  LogicalType middle;
  duckdb::unique_ptr<duckdb::BoundCastData> Copy() const override {
    return duckdb::make_uniq<ChainData>(first.Copy(), second.Copy(), middle);
  }
};

struct ChainState : duckdb::FunctionLocalState {
  duckdb::unique_ptr<duckdb::FunctionLocalState> first;
  duckdb::unique_ptr<duckdb::FunctionLocalState> second;
};

duckdb::unique_ptr<duckdb::FunctionLocalState> InitChain(
    duckdb::CastLocalStateParameters& parameters) {
  auto& data = parameters.cast_data->Cast<ChainData>();
  auto state = duckdb::make_uniq<ChainState>();
  auto init = [&](const duckdb::BoundCastInfo& cast) {
    duckdb::CastLocalStateParameters own(parameters, cast.cast_data.get());
    return cast.init_local_state ? cast.init_local_state(own) : nullptr;
  };
  state->first = init(data.first);
  state->second = init(data.second);
  return state;
}

bool RunChain(Vector& source, Vector& result, duckdb::idx_t count,
              duckdb::CastParameters& parameters) {
  auto& data = parameters.cast_data->Cast<ChainData>();
  auto& state = parameters.local_state->Cast<ChainState>();
  Vector middle(data.middle, count);
  duckdb::CastParameters first(parameters, data.first.cast_data.get(), state.first.get());
  if (!data.first.function(source, middle, count, first)) return false;
  duckdb::CastParameters second(parameters, data.second.cast_data.get(), state.second.get());
  return data.second.function(middle, result, count, second);
}

/// The time of an instant is that of the session's zone.
duckdb::BoundCastInfo BindInstantToTime(duckdb::BindCastInput& input, const LogicalType& source,
                                        const LogicalType& target) {
  const LogicalType middle = LogicalType::TIMESTAMP;
  return duckdb::BoundCastInfo(
      RunChain,
      duckdb::make_uniq<ChainData>(input.GetCastFunction(source, middle),
                                   input.GetCastFunction(middle, target), middle),
      InitChain);
}

/// Months and days say nothing of the time.
bool IntervalToTime(Vector& source, Vector& result, duckdb::idx_t count, duckdb::CastParameters&) {
  constexpr int64_t kDay = duckdb::Interval::MICROS_PER_DAY;
  duckdb::UnaryExecutor::Execute<duckdb::interval_t, duckdb::dtime_t>(
      source, result, count, [](duckdb::interval_t interval) {
        return duckdb::dtime_t((interval.micros % kDay + kDay) % kDay);
      });
  return true;
}

bool TimeToInterval(Vector& source, Vector& result, duckdb::idx_t count, duckdb::CastParameters&) {
  duckdb::UnaryExecutor::Execute<duckdb::dtime_t, duckdb::interval_t>(
      source, result, count,
      [](duckdb::dtime_t time) { return duckdb::interval_t{0, 0, time.micros}; });
  return true;
}

class Registrar {
 public:
  explicit Registrar(duckdb::CastFunctionSet& casts) : casts_(casts) {}

  static LogicalType BaseOf(const LogicalType& type) { return LogicalType(type.id()); }

  /// The cast that DuckDB has between the base types.
  void AsBase(const LogicalType& source, const LogicalType& target, const LogicalType& source_base,
              const LogicalType& target_base, int64_t cost) {
    duckdb::BindCastInput input(casts_, nullptr, nullptr);
    auto cast = source_base == target_base
                    ? duckdb::BoundCastInfo(duckdb::DefaultCasts::ReinterpretCast)
                    : duckdb::DefaultCasts::GetDefaultCastFunction(input, source_base, target_base);
    casts_.RegisterCastFunction(source, target, std::move(cast), cost);
  }

  void Texts(const char* name) {
    LogicalType type = NamedType(name);
    AsBase(type, LogicalType::VARCHAR, LogicalType::VARCHAR, LogicalType::VARCHAR, kSame);
    AsBase(LogicalType::VARCHAR, type, LogicalType::VARCHAR, LogicalType::VARCHAR, kWiden);
  }

  void Numbers(const char* name, RegKind kind) {
    LogicalType type = NamedType(name);
    LogicalType base = BaseOf(type);
    struct Target {
      LogicalType type;
      int64_t cost;
    };
    for (const Target& target :
         {Target{LogicalType::UINTEGER, kSame}, Target{LogicalType::BIGINT, kSame + 1},
          Target{LogicalType::UBIGINT, kWiden}, Target{LogicalType::HUGEINT, kWiden + 1},
          Target{LogicalType::DOUBLE, kChange}, Target{LogicalType::INTEGER, -1}}) {
      AsBase(type, target.type, base, target.type, target.cost);
      AsBase(target.type, type, target.type, base, kChange);
    }
    AsBase(LogicalType::SMALLINT, type, LogicalType::SMALLINT, base, kChange);
    for (const char* other : {"oid", "regclass", "regtype", "regproc", "regnamespace", "regrole"}) {
      if (std::string(other) == name) continue;
      bool to_oid = std::string(other) == "oid";
      AsBase(type, NamedType(other), base, BaseOf(NamedType(other)), to_oid ? kSame : -1);
    }
    if (kind == RegKind::kOther) {
      AsBase(type, LogicalType::VARCHAR, base, LogicalType::VARCHAR, kToText);
      AsBase(LogicalType::VARCHAR, type, LogicalType::VARCHAR, base, -1);
      return;
    }
    casts_.RegisterCastFunction(
        type, LogicalType::VARCHAR,
        duckdb::BoundCastInfo(OidToName, duckdb::make_uniq<LookupData>(kind), InitLookup), kToText);
    casts_.RegisterCastFunction(
        LogicalType::VARCHAR, type,
        duckdb::BoundCastInfo(NameToOid, duckdb::make_uniq<LookupData>(kind), InitLookup), -1);
    casts_.RegisterCastFunction(
        NamedType("name"), type,
        duckdb::BoundCastInfo(NameToOid, duckdb::make_uniq<LookupData>(kind), InitLookup), -1);
  }

  void Times() {
    casts_.RegisterCastFunction(LogicalType::TIMESTAMP_TZ, LogicalType::TIME, BindInstantToTime);
    casts_.RegisterCastFunction(LogicalType::INTERVAL, LogicalType::TIME,
                                duckdb::BoundCastInfo(IntervalToTime));
    casts_.RegisterCastFunction(LogicalType::TIME, LogicalType::INTERVAL,
                                duckdb::BoundCastInfo(TimeToInterval));
  }

  void Vectors(const char* name) {
    LogicalType type = NamedType(name);
    LogicalType base = LogicalType::LIST(duckdb::ListType::GetChildType(type));
    casts_.RegisterCastFunction(
        type, base, duckdb::BoundCastInfo(duckdb::DefaultCasts::ReinterpretCast), kSame);
    casts_.RegisterCastFunction(
        base, type, duckdb::BoundCastInfo(duckdb::DefaultCasts::ReinterpretCast), kWiden);
    // Functions of lists of anything take them, too.
    casts_.RegisterCastFunction(type, LogicalType::LIST(LogicalType::ANY),
                                duckdb::BoundCastInfo(duckdb::DefaultCasts::ReinterpretCast),
                                kSame);
    // Never by itself: a subscript would be one into the text.
    casts_.RegisterCastFunction(type, LogicalType::VARCHAR, duckdb::BoundCastInfo(VectorToText),
                                -1);
    casts_.RegisterCastFunction(LogicalType::VARCHAR, type, duckdb::BoundCastInfo(TextToVector),
                                -1);
  }

 private:
  duckdb::CastFunctionSet& casts_;
};

}  // namespace

void RegisterCasts(duckdb::DatabaseInstance& db) {
  Registrar registrar(duckdb::CastFunctionSet::Get(db));
  for (const char* name : {"name", "char", "aclitem", "pg_node_tree", "pg_lsn"})
    registrar.Texts(name);
  for (const char* name :
       {"oid", "xid", "cid", "regoper", "regoperator", "regcollation", "regconfig", "regdictionary",
        "regclass", "regtype", "regproc", "regprocedure", "regnamespace", "regrole"}) {
    registrar.Numbers(name, RegKindOf(name));
  }
  for (const char* name : {"int2vector", "oidvector"}) registrar.Vectors(name);
  registrar.Times();
}

}  // namespace skein::engine::postgres_catalog
