#include "frontends/http/query_handler.h"

#include <arrow/io/interfaces.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>

#include "results/json_encoder.h"

namespace skein::frontends::http {
namespace {

/// What arrow's writers write to: the buffer of a streamed body.
class BodySink : public arrow::io::OutputStream {
 public:
  explicit BodySink(StreamedBody* body) : body_(body) {}
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Status Write(const void* data, int64_t size) override {
    body_->buffer()->append(static_cast<const char*>(data), static_cast<size_t>(size));
    position_ += size;
    // The client's silence ends the result; what it was is told by `failed`.
    if (failed.ok()) failed = body_->FlushIfFull();
    return failed.ok() ? arrow::Status::OK() : arrow::Status::IOError(failed.message());
  }
  Status failed;

 private:
  StreamedBody* body_;
  int64_t position_ = 0;
  bool closed_ = false;
};

constexpr size_t kEncodeBytes = size_t{64} << 10;

/// Each Write... pulls and sends until the end. Errors of the statement and of the client alike end
/// it.
Status WriteJson(session::Execution& execution, const std::string& time_zone, StreamedBody* body) {
  *body->buffer() += "{\"result\":[";
  if (!execution.returns_rows()) {
    // As DuckDB itself shows what changed.
    if (execution.changed_rows())
      *body->buffer() += "{\"Count\":" + std::to_string(*execution.changed_rows()) + "}";
  } else {
    results::JsonEncodeOptions options;
    options.time_zone = time_zone;
    SKEIN_ASSIGN_OR_RETURN(auto encoder, results::JsonEncoder::Make(*execution.schema(), options));
    while (true) {
      SKEIN_ASSIGN_OR_RETURN(auto batch, execution.Next());
      if (!batch) break;
      for (int64_t done = 0; done < batch->num_rows();) {
        int64_t written = 0;
        size_t before = body->buffer()->size();
        SKEIN_RETURN_IF_ERROR(encoder->Append(*batch, done, batch->num_rows() - done, kEncodeBytes,
                                              body->buffer(), &written));
        execution.AddBytesSent(body->buffer()->size() - before);
        done += written;
        SKEIN_RETURN_IF_ERROR(body->FlushIfFull());
      }
    }
  }
  *body->buffer() += "]}";
  return Status::OK();
}

Status WriteArrow(session::Execution& execution, StreamedBody* body) {
  BodySink sink(body);
  auto failed = [&](const arrow::Status& status) {
    return sink.failed.ok()
               ? errors::Internal("Arrow could not write the result: " + status.message())
               : sink.failed;
  };
  auto writer = arrow::ipc::MakeStreamWriter(&sink, execution.schema());
  if (!writer.ok()) return failed(writer.status());
  while (true) {
    SKEIN_ASSIGN_OR_RETURN(auto batch, execution.Next());
    if (!batch) break;
    int64_t before = *sink.Tell();
    if (auto status = (*writer)->WriteRecordBatch(*batch); !status.ok()) return failed(status);
    execution.AddBytesSent(static_cast<size_t>(*sink.Tell() - before));
  }
  if (auto status = (*writer)->Close(); !status.ok()) return failed(status);
  return Status::OK();
}

}  // namespace

Status AnswerQuery(session::Session& session, const QueryRequest& request, Responder& responder) {
  auto executed = session.ExecuteScript(request.sql);
  if (!executed.ok()) return responder.Send(FromStatus(executed.status()));
  std::unique_ptr<session::Execution> execution = *std::move(executed);
  bool arrow = request.format == ResultFormat::kArrow;
  StreamedBody body(&responder, arrow ? "application/vnd.apache.arrow.stream" : "application/json",
                    {{"X-Skein-Query-Id", execution->id()}});
  Status status =
      arrow ? WriteArrow(*execution, &body) : WriteJson(*execution, session.time_zone(), &body);
  if (status.ok()) status = body.Finish();
  if (status.ok()) {
    execution->Finish();
    return status;
  }
  execution->Fail(status);
  execution.reset();
  if (!body.started()) return responder.Send(FromStatus(status));
  body.Break();
  return status;
}

}  // namespace skein::frontends::http
