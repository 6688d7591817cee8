#include "session/copy_feed.h"

#include <utility>

namespace skein::session {
namespace {

/// Rows are handed on in pieces of about this size: large enough for the engine, small enough to
/// stay in the cache on the way.
constexpr int64_t kPieceRows = 32'768;
constexpr size_t kPieceBytes = size_t{4} << 20;

results::CopyFormat FormatOf(sql::CopyOptions::Format format) {
  switch (format) {
    case sql::CopyOptions::Format::kCsv:
      return results::CopyFormat::kCsv;
    case sql::CopyOptions::Format::kBinary:
      return results::CopyFormat::kBinary;
    case sql::CopyOptions::Format::kText:
      break;
  }
  return results::CopyFormat::kText;
}

results::CopyHeader HeaderOf(sql::CopyOptions::Header header) {
  switch (header) {
    case sql::CopyOptions::Header::kOn:
      return results::CopyHeader::kWrite;
    case sql::CopyOptions::Header::kMatch:
      return results::CopyHeader::kMatch;
    case sql::CopyOptions::Header::kOff:
      break;
  }
  return results::CopyHeader::kNone;
}

}  // namespace

Result<results::CopyLayout> LayoutOf(const sql::CopyStatement& copy) {
  const sql::CopyOptions& options = copy.options;
  bool from = copy.direction == sql::CopyStatement::Direction::kFromStdin;
  if (!from && (options.ignore_errors || options.reject_limit))
    return errors::NotSupported("COPY ON_ERROR cannot be used with COPY TO");
  if (options.reject_limit && !options.ignore_errors)
    return errors::Syntax("COPY REJECT_LIMIT requires ON_ERROR to be set to IGNORE");
  if (options.reject_limit && *options.reject_limit <= 0)
    return errors::InvalidParameter("REJECT_LIMIT must be greater than zero");
  results::CopyLayout::Request request;
  request.format = FormatOf(options.format);
  request.header = HeaderOf(options.header);
  request.delimiter = options.delimiter;
  request.null_text = options.null;
  request.default_text = options.default_value;
  request.quote = options.quote;
  request.escape = options.escape;
  request.encoding = options.encoding;
  request.force_quote = {options.force_quote.all, options.force_quote.names};
  request.force_not_null = {options.force_not_null.all, options.force_not_null.names};
  request.force_null = {options.force_null.all, options.force_null.names};
  return results::CopyLayout::Make(
      from ? results::CopyDirection::kFrom : results::CopyDirection::kTo, std::move(request));
}

Result<std::unique_ptr<CopyFeed>> CopyFeed::Make(engine::Connection& connection,
                                                 const sql::CopyStatement& copy,
                                                 const std::string& time_zone,
                                                 std::shared_ptr<CancelToken> cancel) {
  std::unique_ptr<CopyFeed> feed(new CopyFeed);
  SKEIN_ASSIGN_OR_RETURN(auto layout, LayoutOf(copy));
  feed->format_ = layout.format;
  feed->skip_wrong_rows_ = copy.options.ignore_errors;
  feed->reject_limit_ = copy.options.reject_limit;
  SKEIN_ASSIGN_OR_RETURN(
      feed->writer_,
      connection.WriteTable({copy.table, copy.columns, copy.where}, std::move(cancel)));
  SKEIN_ASSIGN_OR_RETURN(feed->decoder_,
                         results::CopyDecoder::Make({.table = feed->writer_->table(),
                                                     .columns = feed->writer_->columns(),
                                                     .layout = std::move(layout),
                                                     .time_zone = time_zone,
                                                     .skip_wrong_rows = feed->skip_wrong_rows_}));
  return feed;
}

Status CopyFeed::MoveRows() {
  SKEIN_ASSIGN_OR_RETURN(auto rows, decoder_->Take());
  SKEIN_RETURN_IF_ERROR(writer_->Append(rows, skip_wrong_rows_));
  if (reject_limit_ && writer_->skipped() > *reject_limit_) {
    return errors::InvalidText("skipped more than REJECT_LIMIT (" + std::to_string(*reject_limit_) +
                               ") rows due to data type incompatibility");
  }
  return Status::OK();
}

Status CopyFeed::Take(std::string_view bytes) {
  SKEIN_RETURN_IF_ERROR(decoder_->Feed(bytes));
  if (decoder_->rows() < kPieceRows && decoder_->bytes() < kPieceBytes) return Status::OK();
  return MoveRows();
}

Result<int64_t> CopyFeed::Finish() {
  SKEIN_RETURN_IF_ERROR(decoder_->Finish());
  SKEIN_RETURN_IF_ERROR(MoveRows());
  return writer_->Finish();
}

}  // namespace skein::session
