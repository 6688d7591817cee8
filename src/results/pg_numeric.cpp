#include "results/pg_numeric.h"

#include <algorithm>
#include <vector>

namespace skein::results {
namespace {

constexpr int kDigitsPerGroup = 4;
constexpr uint32_t kBase = 10'000;
constexpr uint16_t kPositive = 0x0000, kNegative = 0x4000, kNaN = 0xC000, kInfinity = 0xD000;
constexpr uint16_t kMinusInfinity = 0xF000;
constexpr uint16_t kMaxDisplayScale = 0x3FFF;
constexpr size_t kHeader = 8;

void WriteHeader(ByteWriter* out, size_t groups, int weight, bool negative, int32_t scale) {
  out->PutInt16(static_cast<int16_t>(groups));
  out->PutInt16(static_cast<int16_t>(weight));
  out->PutInt16(static_cast<int16_t>(negative ? kNegative : kPositive));
  out->PutInt16(static_cast<int16_t>(scale));
}

// Groups of four digits, the first one worth 10000^weight; those that are 0 at either end are not
// sent.
void WriteGroups(ByteWriter* out, const uint16_t* groups, size_t count, int weight, bool negative,
                 int32_t scale) {
  while (count > 0 && groups[0] == 0) ++groups, --count, --weight;
  while (count > 0 && groups[count - 1] == 0) --count;
  if (count == 0) return WriteHeader(out, 0, 0, false, scale);
  WriteHeader(out, count, weight, negative, scale);
  for (size_t i = 0; i < count; ++i) out->PutInt16(static_cast<int16_t>(groups[i]));
}

// `digits` without sign and point, the last `scale` of them after the point.
void WriteDigits(ByteWriter* out, std::string_view digits, int32_t scale, bool negative) {
  size_t fraction = static_cast<size_t>(scale);
  size_t whole = digits.size() - fraction;
  size_t whole_groups = (whole + kDigitsPerGroup - 1) / kDigitsPerGroup;
  size_t fraction_groups = (fraction + kDigitsPerGroup - 1) / kDigitsPerGroup;
  std::vector<uint16_t> groups(whole_groups + fraction_groups);
  size_t lead = whole_groups * kDigitsPerGroup - whole;  // digits that the first group lacks
  for (size_t i = 0; i < digits.size(); ++i) {
    uint16_t& group = groups[(lead + i) / kDigitsPerGroup];
    group = static_cast<uint16_t>(group * 10 + (digits[i] - '0'));
  }
  for (size_t i = fraction; i < fraction_groups * kDigitsPerGroup; ++i) groups.back() *= 10;
  WriteGroups(out, groups.data(), groups.size(), static_cast<int>(whole_groups) - 1, negative,
              scale);
}

}  // namespace

void WritePgNumeric(ByteWriter* out, Int128 unscaled, int32_t scale) {
  constexpr int kWholeFractionGroups = 4;
  constexpr int32_t kShortScale = kDigitsPerGroup * kWholeFractionGroups;
  bool negative = unscaled < 0;
  UInt128 magnitude = negative ? -static_cast<UInt128>(unscaled) : static_cast<UInt128>(unscaled);
  if (magnitude >> 64 || scale > kShortScale) {
    char text[kMaxDecimalText];
    char* end = WriteDecimal(text, unscaled < 0 ? static_cast<Int128>(magnitude) : unscaled, 0);
    // The magnitude of the smallest 128-bit number is not representable and prints with its sign.
    std::string_view digits(text, static_cast<size_t>(end - text));
    if (digits[0] == '-') digits.remove_prefix(1);
    std::string padded;
    if (digits.size() < static_cast<size_t>(scale)) {
      padded.assign(static_cast<size_t>(scale) - digits.size(), '0');
      padded += digits;
      digits = padded;
    }
    return WriteDigits(out, digits, scale, negative);
  }
  // 64 bits are at most five groups before the point, and up to four after it: plain arithmetic.
  static constexpr uint64_t kPowers[] = {1,
                                         10,
                                         100,
                                         1000,
                                         10'000,
                                         100'000,
                                         1'000'000,
                                         10'000'000,
                                         100'000'000,
                                         1'000'000'000,
                                         10'000'000'000,
                                         100'000'000'000,
                                         1'000'000'000'000,
                                         10'000'000'000'000,
                                         100'000'000'000'000,
                                         1'000'000'000'000'000,
                                         10'000'000'000'000'000};
  constexpr int kWholeGroups = 5;
  auto value = static_cast<uint64_t>(magnitude);
  uint64_t whole = value / kPowers[scale];
  uint64_t fraction = value % kPowers[scale] * kPowers[(kShortScale - scale) % kDigitsPerGroup];
  int fraction_groups = (scale + kDigitsPerGroup - 1) / kDigitsPerGroup;
  uint16_t groups[kWholeGroups + kWholeFractionGroups];
  int first = kWholeGroups;
  for (; whole; whole /= kBase) groups[--first] = static_cast<uint16_t>(whole % kBase);
  for (int i = fraction_groups; i-- > 0; fraction /= kBase) {
    groups[kWholeGroups + i] = static_cast<uint16_t>(fraction % kBase);
  }
  WriteGroups(out, groups + first, static_cast<size_t>(kWholeGroups + fraction_groups - first),
              kWholeGroups - first - 1, negative, scale);
}

Status WritePgNumericText(ByteWriter* out, std::string_view text) {
  constexpr size_t kMaxWholeDigits = 131'072;  // PostgreSQL's limits
  constexpr size_t kMaxFractionDigits = 16'383;
  std::string_view rest = text;
  bool negative = !rest.empty() && rest[0] == '-';
  if (negative || (!rest.empty() && rest[0] == '+')) rest.remove_prefix(1);
  size_t point = rest.find('.');
  std::string digits(rest.substr(0, point));
  size_t scale = 0;
  if (point != std::string_view::npos) {
    scale = rest.size() - point - 1;
    digits += rest.substr(point + 1);
  }
  if (digits.empty() ||
      !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return errors::InvalidText("not a number: " + std::string(text.substr(0, 100)));
  }
  if (digits.size() - scale > kMaxWholeDigits || scale > kMaxFractionDigits) {
    return Status(StatusCode::kInvalidArgument, "22003",
                  "number has too many digits for PostgreSQL's numeric");
  }
  WriteDigits(out, digits, static_cast<int32_t>(scale), negative);
  return Status::OK();
}

Result<std::string> ReadPgNumeric(std::string_view bytes) {
  auto malformed = [](const char* why) {
    return Status(StatusCode::kInvalidArgument, "22P03",
                  std::string("malformed binary numeric: ") + why);
  };
  auto word = [&](size_t i) {
    return static_cast<uint16_t>(static_cast<unsigned char>(bytes[2 * i]) << 8 |
                                 static_cast<unsigned char>(bytes[2 * i + 1]));
  };
  if (bytes.size() < kHeader) return malformed("too short");
  size_t count = word(0);
  int weight = static_cast<int16_t>(word(1));
  uint16_t sign = word(2);
  uint16_t scale = word(3);
  if (bytes.size() != kHeader + count * 2) return malformed("its length does not match its digits");
  if (sign == kNaN) return std::string("NaN");
  if (sign == kInfinity) return std::string("Infinity");
  if (sign == kMinusInfinity) return std::string("-Infinity");
  if (sign != kPositive && sign != kNegative) return malformed("no such sign");
  if (scale > kMaxDisplayScale) return malformed("no such scale");

  auto group = [&](int position) -> uint32_t {  // the group worth 10000^position
    int index = weight - position;
    return index >= 0 && static_cast<size_t>(index) < count
               ? word(kHeader / 2 + static_cast<size_t>(index))
               : 0;
  };
  std::string text;
  auto put = [&](uint32_t value) {
    for (uint32_t unit : {1000u, 100u, 10u, 1u})
      text.push_back(static_cast<char>('0' + value / unit % 10));
  };
  for (size_t i = 0; i < count; ++i) {
    if (word(kHeader / 2 + i) >= kBase) return malformed("a digit is out of range");
  }
  // A group of zeros in front is legal on the wire and says nothing.
  int highest = weight;
  while (highest >= 0 && group(highest) == 0) --highest;
  for (int position = highest; position >= 0; --position) put(group(position));
  text.erase(0, std::min(text.find_first_not_of('0'), text.size()));
  if (text.empty()) text = "0";
  if (scale > 0) {
    text.push_back('.');
    size_t end = text.size() + scale;
    for (int position = -1; text.size() < end; --position) put(group(position));
    text.resize(end);
  }
  if (sign == kNegative && text.find_first_of("123456789") != std::string::npos)
    text.insert(0, "-");
  return text;
}

}  // namespace skein::results
