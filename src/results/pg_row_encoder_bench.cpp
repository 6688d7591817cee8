// Rows per second of the row encoders over one column each of BIGINT, INTEGER, VARCHAR (about 8
// characters) and DOUBLE, on one core. "Prices" are doubles with two digits after the point,
// "noise" has all of its 17 digits.

#include <memory>
#include <random>
#include <string>

#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <benchmark/benchmark.h>

#include "results/json_encoder.h"
#include "results/pg_row_encoder.h"

namespace skein::results {
namespace {

constexpr int64_t kRows = 10'000;  // about what the engine puts in a batch

enum class Doubles { kPrices, kNoise };

std::shared_ptr<arrow::RecordBatch> MakeBatch(Doubles doubles) {
  std::mt19937_64 random(7);
  arrow::Int64Builder bigint;
  arrow::Int32Builder integer;
  arrow::StringBuilder varchar;
  arrow::DoubleBuilder real;
  arrow::Status status;
  for (int64_t i = 0; i < kRows; ++i) {
    status &= bigint.Append(static_cast<int64_t>(random() >> (random() % 60)));
    status &= integer.Append(static_cast<int32_t>(random() % 1'000'000));
    status &= varchar.Append("name" + std::to_string(random() % 10'000));
    double price = static_cast<double>(random() % 10'000'000) / 100;
    double noise = static_cast<double>(random()) / 1e12;
    status &= real.Append(doubles == Doubles::kPrices ? price : noise);
  }
  if (!status.ok()) status.Abort();
  auto schema =
      arrow::schema({arrow::field("id", arrow::int64()), arrow::field("n", arrow::int32()),
                     arrow::field("name", arrow::utf8()), arrow::field("x", arrow::float64())});
  return arrow::RecordBatch::Make(
      schema, kRows, {*bigint.Finish(), *integer.Finish(), *varchar.Finish(), *real.Finish()});
}

template <typename Encoder>
void Run(benchmark::State& state, Encoder& encoder, const arrow::RecordBatch& batch) {
  std::string out;
  size_t bytes = 0;
  for (auto _ : state) {
    out.clear();
    int64_t rows = 0;
    if (!encoder.Append(batch, 0, kRows, size_t{1} << 30, &out, &rows).ok() || rows != kRows) {
      state.SkipWithError("encoding failed");
      break;
    }
    bytes += out.size();
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * kRows);
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}

void PgRows(benchmark::State& state, int16_t format, Doubles doubles) {
  auto batch = MakeBatch(doubles);
  auto encoder = PgRowEncoder::Make(*batch->schema(), {format}, {});
  Run(state, **encoder, *batch);
}
BENCHMARK_CAPTURE(PgRows, text_prices, 0, Doubles::kPrices);
BENCHMARK_CAPTURE(PgRows, text_noise, 0, Doubles::kNoise);
BENCHMARK_CAPTURE(PgRows, binary, 1, Doubles::kPrices);

void JsonRows(benchmark::State& state, Doubles doubles) {
  auto batch = MakeBatch(doubles);
  auto encoder = JsonEncoder::Make(*batch->schema(), {});
  Run(state, **encoder, *batch);
}
BENCHMARK_CAPTURE(JsonRows, prices, Doubles::kPrices);
BENCHMARK_CAPTURE(JsonRows, noise, Doubles::kNoise);

}  // namespace
}  // namespace skein::results
