#include "results/copy_layout.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace skein::results {
namespace {

using Request = CopyLayout::Request;

bool HasLineEnd(std::string_view text) {
  return text.find_first_of("\r\n") != std::string_view::npos;
}
bool Has(std::string_view text, char c) { return text.find(c) != std::string_view::npos; }

// The names under which PostgreSQL knows UTF-8, and SQL_ASCII, which converts nothing.
bool IsUtf8(std::string name) {
  std::erase_if(name, [](char c) { return c == '-' || c == '_' || c == ' '; });
  return SameName(name, "utf8") || SameName(name, "unicode") || SameName(name, "sqlascii");
}

bool Given(const CopyLayout::Columns& columns) { return columns.all || !columns.names.empty(); }

Status CheckBinary(const Request& request) {
  if (request.delimiter) return errors::Syntax("cannot specify DELIMITER in BINARY mode");
  if (request.null_text) return errors::Syntax("cannot specify NULL in BINARY mode");
  if (request.default_text) return errors::Syntax("cannot specify DEFAULT in BINARY mode");
  if (request.header != CopyHeader::kNone)
    return errors::NotSupported("cannot specify HEADER in BINARY mode");
  return Status::OK();
}

Status CheckDelimiterAndMarkers(const Request& request, const std::string& delimiter,
                                const CopyLayout& layout) {
  if (delimiter.size() != 1)
    return errors::NotSupported("COPY delimiter must be a single one-byte character");
  if (HasLineEnd(delimiter))
    return errors::InvalidParameter("COPY delimiter cannot be newline or carriage return");
  if (HasLineEnd(layout.null_text)) {
    return errors::InvalidParameter(
        "COPY null representation cannot use newline or carriage return");
  }
  if (request.default_text && HasLineEnd(*request.default_text)) {
    return errors::InvalidParameter(
        "COPY default representation cannot use newline or carriage return");
  }
  // In text these would be taken for escapes, or for the end of the data.
  if (layout.format == CopyFormat::kText &&
      Has("\\.abcdefghijklmnopqrstuvwxyz0123456789", delimiter[0])) {
    return errors::InvalidParameter(fmt::format("COPY delimiter cannot be \"{}\"", delimiter));
  }
  return Status::OK();
}

Status CheckQuoting(const Request& request, char delimiter) {
  if (request.format != CopyFormat::kCsv) {
    if (request.quote) return errors::NotSupported("COPY quote available only in CSV mode");
    if (request.escape) return errors::NotSupported("COPY escape available only in CSV mode");
    return Status::OK();
  }
  if (request.quote && request.quote->size() != 1)
    return errors::NotSupported("COPY quote must be a single one-byte character");
  if (request.quote.value_or("\"")[0] == delimiter)
    return errors::InvalidParameter("COPY delimiter and quote must be different");
  if (request.escape && request.escape->size() != 1)
    return errors::NotSupported("COPY escape must be a single one-byte character");
  return Status::OK();
}

Status CheckForced(const Request& request, CopyDirection direction) {
  struct Forced {
    const char* option;
    bool given;
    CopyDirection of;
  };
  for (const Forced& forced :
       {Forced{"quote", Given(request.force_quote), CopyDirection::kTo},
        Forced{"not null", Given(request.force_not_null), CopyDirection::kFrom},
        Forced{"null", Given(request.force_null), CopyDirection::kFrom}}) {
    if (!forced.given) continue;
    if (request.format != CopyFormat::kCsv) {
      return errors::NotSupported(
          fmt::format("COPY force {} available only in CSV mode", forced.option));
    }
    if (forced.of != direction) {
      return errors::NotSupported(fmt::format("COPY force {} only available using COPY {}",
                                              forced.option,
                                              forced.of == CopyDirection::kTo ? "TO" : "FROM"));
    }
  }
  return Status::OK();
}

// The words that stand for NULL and for a default must not look like something else.
Status CheckMarkers(const CopyLayout& layout, CopyDirection direction) {
  bool csv = layout.format == CopyFormat::kCsv;
  if (Has(layout.null_text, layout.delimiter))
    return errors::NotSupported("COPY delimiter must not appear in the NULL specification");
  if (csv && Has(layout.null_text, layout.quote))
    return errors::NotSupported("CSV quote character must not appear in the NULL specification");
  if (!layout.default_text) return Status::OK();
  if (direction != CopyDirection::kFrom)
    return errors::NotSupported("COPY DEFAULT only available using COPY FROM");
  if (Has(*layout.default_text, layout.delimiter))
    return errors::NotSupported("COPY delimiter must not appear in the DEFAULT specification");
  if (csv && Has(*layout.default_text, layout.quote)) {
    return errors::NotSupported("CSV quote character must not appear in the DEFAULT specification");
  }
  if (*layout.default_text == layout.null_text) {
    return errors::NotSupported("NULL specification and DEFAULT specification cannot be the same");
  }
  return Status::OK();
}

}  // namespace

bool SameName(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

Result<CopyLayout> CopyLayout::Make(CopyDirection direction, Request request) {
  bool csv = request.format == CopyFormat::kCsv;
  bool binary = request.format == CopyFormat::kBinary;
  if (request.encoding && !IsUtf8(*request.encoding)) {
    return errors::NotSupported(
               fmt::format("COPY in the encoding \"{}\" is not supported", *request.encoding))
        .WithHint("All text is UTF8 here.");
  }
  if (request.header == CopyHeader::kMatch && direction == CopyDirection::kTo)
    return errors::NotSupported("cannot use \"match\" with HEADER in COPY TO");
  if (binary) SKEIN_RETURN_IF_ERROR(CheckBinary(request));
  CopyLayout layout;
  layout.format = request.format;
  layout.header = request.header;
  std::string delimiter = request.delimiter.value_or(csv ? "," : "\t");
  layout.null_text = request.null_text.value_or(csv ? "" : "\\N");
  layout.default_text = request.default_text;
  SKEIN_RETURN_IF_ERROR(CheckDelimiterAndMarkers(request, delimiter, layout));
  layout.delimiter = delimiter[0];
  SKEIN_RETURN_IF_ERROR(CheckQuoting(request, layout.delimiter));
  layout.quote = request.quote.value_or("\"")[0];
  layout.escape = request.escape.value_or(std::string(1, layout.quote))[0];
  SKEIN_RETURN_IF_ERROR(CheckForced(request, direction));
  if (!binary) SKEIN_RETURN_IF_ERROR(CheckMarkers(layout, direction));
  layout.force_quote = std::move(request.force_quote);
  layout.force_not_null = std::move(request.force_not_null);
  layout.force_null = std::move(request.force_null);
  return layout;
}

Result<std::vector<bool>> MarkColumns(const std::vector<std::string>& columns,
                                      const CopyLayout::Columns& named, const char* option) {
  std::vector<bool> marks(columns.size(), named.all);
  for (const std::string& name : named.names) {
    auto found = std::find_if(columns.begin(), columns.end(),
                              [&](const std::string& column) { return SameName(column, name); });
    if (found == columns.end()) {
      return Status(StatusCode::kInvalidArgument, "42P10",
                    fmt::format("{} column \"{}\" not referenced by COPY", option, name));
    }
    marks[static_cast<size_t>(found - columns.begin())] = true;
  }
  return marks;
}

}  // namespace skein::results
