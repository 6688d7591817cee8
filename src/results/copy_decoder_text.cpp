// COPY FROM in text and in CSV.

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "results/copy_decoder.h"

namespace skein::results {
namespace {

Status BadFormat(std::string message) {
  return Status(StatusCode::kInvalidArgument, "22P04", std::move(message));
}

int OctalDigit(char c) { return c >= '0' && c <= '7' ? c - '0' : -1; }
int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

class CopyTextDecoder : public CopyDecoder {
 public:
  explicit CopyTextDecoder(Options options)
      : CopyDecoder(std::move(options)), csv_(options_.layout.format == CopyFormat::kCsv) {
    auto stop = [&](char c) { stops_[static_cast<unsigned char>(c)] = true; };
    for (char c : {'\n', '\r', '\\'}) stop(c);
    if (csv_) {
      stop(options_.layout.quote);
      stop(options_.layout.escape);
    }
    // A quote that escapes itself needs no looking at.
    escape_ = csv_ && options_.layout.escape != options_.layout.quote
                  ? static_cast<unsigned char>(options_.layout.escape)
                  : kNoEscape;
    header_due_ = options_.layout.header != CopyHeader::kNone;
  }

  Status Feed(std::string_view bytes) override {
    if (ended_) return Status::OK();
    // Most pieces hold whole lines, which are read where they are.
    bool gathered = !buffer_.empty();
    if (gathered) buffer_.append(bytes);
    std::string_view rest = gathered ? std::string_view(buffer_) : bytes;
    size_t size = rest.size();
    SKEIN_RETURN_IF_ERROR(ReadLines(&rest, false));
    if (gathered) {
      buffer_.erase(0, size - rest.size());
    } else {
      buffer_.assign(rest);
    }
    if (buffer_.size() > kMaxCopyRowBytes) {
      return InLine(errors::TooLarge(
                        fmt::format("a line of a COPY is longer than {} bytes", kMaxCopyRowBytes)))
          .WithHint(csv_ && in_quote_ ? "A quoted field may never have been closed." : "");
    }
    return Status::OK();
  }

  Status Finish() override {
    if (ended_) return Status::OK();
    std::string_view rest = buffer_;
    SKEIN_RETURN_IF_ERROR(ReadLines(&rest, true));
    if (!ended_ && !rest.empty()) SKEIN_RETURN_IF_ERROR(TakeLine(rest));
    ended_ = true;
    return Status::OK();
  }

 private:
  enum class LineEnd { kUnknown, kNewline, kReturn, kBoth };
  enum class Scan { kLine, kNeedMore, kEndOfData };
  struct Field {
    std::string_view value;
    bool null = false;
    bool is_default = false;
  };
  static constexpr int kNoEscape = -1;

  bool is_default(std::string_view raw) const {
    return options_.layout.default_text && raw == *options_.layout.default_text;
  }

  Status ReadLines(std::string_view* rest, bool finished) {
    while (!ended_) {
      if (!in_line_) {
        in_line_ = true;
        ++line_;
      }
      size_t length = 0;
      size_t next = 0;
      SKEIN_ASSIGN_OR_RETURN(Scan found, ScanLine(*rest, finished, &length, &next));
      if (found == Scan::kNeedMore) return Status::OK();
      std::string_view line = rest->substr(0, length);
      ended_ = found == Scan::kEndOfData;
      // What stands before the end's mark in its line is still a row.
      if (!ended_ || !line.empty()) SKEIN_RETURN_IF_ERROR(TakeLine(line));
      rest->remove_prefix(next);
      scan_ = 0;
      in_line_ = in_quote_ = after_escape_ = false;
    }
    *rest = {};
    return Status::OK();
  }

  // Finds the end of the line that begins `data`, going on from scan_. `length` is the line's,
  // `next` where the one behind it begins.
  Result<Scan> ScanLine(std::string_view data, bool finished, size_t* length, size_t* next) {
    const char quote = options_.layout.quote;
    size_t at = scan_;
    auto wait = [&] {
      scan_ = at;
      return Scan::kNeedMore;
    };
    auto line = [&](size_t end_bytes) {
      *length = at;
      *next = at + end_bytes;
      return Scan::kLine;
    };
    while (true) {
      if (!after_escape_) {
        while (at < data.size() && !stops_[static_cast<unsigned char>(data[at])]) ++at;
      }
      if (at >= data.size()) return wait();
      char c = data[at];
      if ((c == '\\' || c == '\r') && at + 1 == data.size() && !finished) return wait();
      if (csv_) {
        if (in_quote_ && static_cast<unsigned char>(c) == escape_) after_escape_ = !after_escape_;
        if (c == quote && !after_escape_) in_quote_ = !in_quote_;
        if (static_cast<unsigned char>(c) != escape_) after_escape_ = false;
        // As PostgreSQL counts the lines inside of a value.
        if (in_quote_ && c == (line_end_ == LineEnd::kNewline ? '\n' : '\r')) ++line_;
        if (in_quote_) {
          ++at;
          continue;
        }
      }
      if (c == '\r') {
        if (line_end_ == LineEnd::kUnknown || line_end_ == LineEnd::kBoth) {
          if (at + 1 < data.size() && data[at + 1] == '\n') {
            line_end_ = LineEnd::kBoth;
            return line(2);
          }
          if (line_end_ == LineEnd::kBoth) return StrayLineEnd('\r');
          line_end_ = LineEnd::kReturn;
        } else if (line_end_ == LineEnd::kNewline) {
          return StrayLineEnd('\r');
        }
        return line(1);
      }
      if (c == '\n') {
        if (line_end_ == LineEnd::kReturn || line_end_ == LineEnd::kBoth) return StrayLineEnd('\n');
        line_end_ = LineEnd::kNewline;
        return line(1);
      }
      if (c == '\\' && (!csv_ || at == 0) && at + 1 < data.size()) {
        if (data[at + 1] == '.') {
          size_t marker_end = at + 2 + (line_end_ == LineEnd::kBoth ? 2 : 1);
          if (marker_end > data.size() && !finished) return wait();
          SKEIN_ASSIGN_OR_RETURN(bool end, IsEndMarker(data.substr(at + 2)));
          if (end) {
            *length = at;
            *next = data.size();
            return Scan::kEndOfData;
          }
          ++at;
          continue;
        }
        if (!csv_) {
          // Whatever stands behind a backslash belongs to it, a line's end too.
          at += 2;
          continue;
        }
      }
      ++at;
    }
  }

  // `behind` a `\.`: whether the line ends there, as it must in text.
  Result<bool> IsEndMarker(std::string_view behind) const {
    auto wrong = [&](const char* message) -> Result<bool> {
      if (csv_) return false;
      return InLine(BadFormat(message));
    };
    char first = behind.empty() ? '\0' : behind[0];
    if (line_end_ == LineEnd::kBoth) {
      if (first == '\n') return wrong("end-of-copy marker does not match previous newline style");
      if (first != '\r') return wrong("end-of-copy marker corrupt");
      first = behind.size() > 1 ? behind[1] : '\0';
    }
    if (first != '\r' && first != '\n') return wrong("end-of-copy marker corrupt");
    char expected = line_end_ == LineEnd::kReturn ? '\r' : '\n';
    if (line_end_ != LineEnd::kUnknown && first != expected)
      return InLine(BadFormat("end-of-copy marker does not match previous newline style"));
    return true;
  }

  Status StrayLineEnd(char c) const {
    const char* name = c == '\r' ? "carriage return" : "newline";
    if (csv_) {
      return InLine(BadFormat(fmt::format("unquoted {} found in data", name))
                        .WithHint(fmt::format("Use quoted CSV field to represent {}.", name)));
    }
    return InLine(
        BadFormat(fmt::format("literal {} found in data", name))
            .WithHint(fmt::format("Use \"\\{}\" to represent {}.", c == '\r' ? 'r' : 'n', name)));
  }

  Status TakeLine(std::string_view line) {
    if (Status status = CheckCopyEncoding(line); !status.ok()) return InLine(std::move(status));
    Status split = csv_ ? SplitCsv(line) : SplitText(line);
    if (std::exchange(header_due_, false)) {
      if (options_.layout.header == CopyHeader::kWrite) return Status::OK();
      if (split.ok()) split = CheckHeader();
      return split.ok() ? split : InLine(std::move(split), line);
    }
    if (split.ok() && fields_.size() > columns_.size())
      split = BadFormat("extra data after last expected column");
    if (split.ok() && fields_.size() < columns_.size()) {
      split = BadFormat(
          fmt::format("missing data for column \"{}\"", options_.columns[fields_.size()].name));
    }
    if (!split.ok()) return InLine(std::move(split), line);
    SKEIN_RETURN_IF_ERROR(TakeFields());
    bytes_ += line.size();
    return Status::OK();
  }

  Status TakeFields() {
    bool wrong = false;
    for (size_t i = 0; i < columns_.size(); ++i) {
      const Field& field = fields_[i];
      if (!defaults_.empty()) defaults_[i].push_back(field.is_default);
      Status taken;
      if (wrong || field.null || field.is_default) {
        taken = columns_[i]->AppendNull();
        if (field.is_default && !options_.columns[i].has_default) taken = NoDefault(i);
      } else {
        taken = columns_[i]->Append(field.value);
        if (!taken.ok() && options_.skip_wrong_rows && taken.sqlstate().substr(0, 2) == "22") {
          wrong = true;
          taken = columns_[i]->AppendNull();
        }
      }
      if (!taken.ok()) [[unlikely]] {
        return std::move(taken).WithContext(
            CopyContext(options_.table, line_, options_.columns[i].name, &field.value));
      }
    }
    if (wrong) {
      skipped_.resize(lines_.size() + 1);
      skipped_.back() = 1;
    }
    lines_.push_back(line_);
    return Status::OK();
  }

  Status NoDefault(size_t column) const {
    return BadFormat("unexpected default marker in COPY data")
        .WithDetail(
            fmt::format("Column \"{}\" has no default value.", options_.columns[column].name));
  }

  Status CheckHeader() const {
    if (fields_.size() != columns_.size()) {
      return BadFormat(fmt::format("wrong number of fields in header line: got {}, expected {}",
                                   fields_.size(), columns_.size()));
    }
    for (size_t i = 0; i < fields_.size(); ++i) {
      const std::string& name = options_.columns[i].name;
      if (fields_[i].null) {
        return BadFormat(fmt::format(
            "column name mismatch in header line field {}: got null value (\"{}\"), expected "
            "\"{}\"",
            i + 1, options_.layout.null_text, name));
      }
      if (!SameName(fields_[i].value, name)) {
        return BadFormat(
            fmt::format("column name mismatch in header line field {}: got \"{}\", expected \"{}\"",
                        i + 1, fields_[i].value, name));
      }
    }
    return Status::OK();
  }

  // Values without escapes are views of the line, others are written to scratch_, which never grows
  // beyond the line.
  Status SplitText(std::string_view line) {
    const char delimiter = options_.layout.delimiter;
    fields_.clear();
    scratch_.resize(std::max(scratch_.size(), line.size()));
    char* to = scratch_.data();
    const char* at = line.data();
    const char* end = at + line.size();
    while (true) {
      const char* start = at;
      while (at < end && *at != delimiter && *at != '\\') ++at;
      Field& field = fields_.emplace_back();
      if (at < end && *at == '\\') [[unlikely]] {
        std::memcpy(to, start, static_cast<size_t>(at - start));
        char* value = to;
        to += at - start;
        bool check = false;
        to = Unescape(&at, end, to, &check);
        field.value = {value, static_cast<size_t>(to - value)};
        field.null =
            std::string_view(start, static_cast<size_t>(at - start)) == options_.layout.null_text;
        field.is_default = is_default({start, static_cast<size_t>(at - start)});
        if (check && !field.null && !field.is_default)
          SKEIN_RETURN_IF_ERROR(CheckCopyEncoding(field.value));
      } else {
        field.value = {start, static_cast<size_t>(at - start)};
        field.null = field.value == options_.layout.null_text;
        field.is_default = is_default(field.value);
      }
      if (at == end) return Status::OK();
      ++at;
    }
  }

  // The rest of a field from `*from` on; leaves it at the delimiter or the end. `check`: the
  // escapes may have made bytes that are no text.
  char* Unescape(const char** from, const char* end, char* to, bool* check) const {
    const char* at = *from;
    while (at < end && *at != options_.layout.delimiter) {
      char c = *at++;
      if (c != '\\') {
        *to++ = c;
        continue;
      }
      if (at == end) break;
      c = *at++;
      switch (c) {
        case 'b':
          c = '\b';
          break;
        case 'f':
          c = '\f';
          break;
        case 'n':
          c = '\n';
          break;
        case 'r':
          c = '\r';
          break;
        case 't':
          c = '\t';
          break;
        case 'v':
          c = '\v';
          break;
        case 'x': {
          int value = at < end ? HexDigit(*at) : -1;
          if (value < 0) break;
          ++at;
          if (int digit = at < end ? HexDigit(*at) : -1; digit >= 0) {
            value = value << 4 | digit;
            ++at;
          }
          c = static_cast<char>(value);
          *check = *check || value == 0 || value >= 0x80;
          break;
        }
        default: {
          int value = OctalDigit(c);
          if (value < 0) break;
          for (int i = 0; i < 2 && at < end && OctalDigit(*at) >= 0; ++i)
            value = value << 3 | OctalDigit(*at++);
          c = static_cast<char>(value);
          *check = *check || c == 0 || static_cast<unsigned char>(c) >= 0x80;
        }
      }
      *to++ = c;
    }
    *from = at;
    return to;
  }

  Status SplitCsv(std::string_view line) {
    const char delimiter = options_.layout.delimiter;
    const char quote = options_.layout.quote;
    const char escape = options_.layout.escape;
    fields_.clear();
    scratch_.resize(std::max(scratch_.size(), line.size()));
    char* to = scratch_.data();
    const char* at = line.data();
    const char* end = at + line.size();
    while (true) {
      const char* start = at;
      while (at < end && *at != delimiter && *at != quote) ++at;
      Field& field = fields_.emplace_back();
      if (at < end && *at == quote) {
        char* value = to;
        std::memcpy(to, start, static_cast<size_t>(at - start));
        to += at - start;
        while (at < end && *at != delimiter) {
          if (*at != quote) {
            *to++ = *at++;
            continue;
          }
          ++at;
          while (true) {
            if (at == end) return BadFormat("unterminated CSV quoted field");
            char c = *at++;
            if (c == escape && at < end && (*at == escape || *at == quote)) {
              *to++ = *at++;
            } else if (c == quote) {
              break;
            } else {
              *to++ = c;
            }
          }
        }
        field.value = {value, static_cast<size_t>(to - value)};
      } else {
        field.value = {start, static_cast<size_t>(at - start)};
        field.null = field.value == options_.layout.null_text;
        field.is_default = is_default(field.value);
      }
      if (!forced_.empty()) Force(&field, fields_.size() - 1);
      if (at == end) return Status::OK();
      ++at;
    }
  }

  void Force(Field* field, size_t column) const {
    if (column >= forced_.size()) return;
    if (field->null && forced_[column].not_null) {
      field->null = false;
    } else if (!field->null && forced_[column].null && field->value == options_.layout.null_text) {
      field->null = true;
    }
  }

 public:
  struct Forced {
    bool null = false;
    bool not_null = false;
  };
  void SetForced(std::vector<Forced> forced) { forced_ = std::move(forced); }

 private:
  const bool csv_;
  bool stops_[256] = {};
  int escape_ = kNoEscape;
  std::vector<Forced> forced_;

  std::string buffer_;  ///< the beginning of a line whose end has not come
  size_t scan_ = 0;     ///< how far that line was looked at
  bool in_line_ = false;
  bool in_quote_ = false;
  bool after_escape_ = false;
  bool ended_ = false;
  bool header_due_ = false;
  LineEnd line_end_ = LineEnd::kUnknown;
  std::vector<Field> fields_;
  std::string scratch_;
};

}  // namespace

Result<std::unique_ptr<CopyDecoder>> MakeCopyTextDecoder(CopyDecoder::Options options) {
  std::vector<std::string> names;
  for (const CopyTarget& target : options.columns) names.push_back(target.name);
  const CopyLayout& layout = options.layout;
  SKEIN_ASSIGN_OR_RETURN(auto null, MarkColumns(names, layout.force_null, "FORCE_NULL"));
  SKEIN_ASSIGN_OR_RETURN(auto not_null,
                         MarkColumns(names, layout.force_not_null, "FORCE_NOT_NULL"));
  std::vector<CopyTextDecoder::Forced> forced;
  if (std::count(null.begin(), null.end(), true) +
      std::count(not_null.begin(), not_null.end(), true)) {
    for (size_t i = 0; i < names.size(); ++i) forced.push_back({null[i], not_null[i]});
  }
  auto decoder = std::make_unique<CopyTextDecoder>(std::move(options));
  decoder->SetForced(std::move(forced));
  return std::unique_ptr<CopyDecoder>(std::move(decoder));
}

}  // namespace skein::results
