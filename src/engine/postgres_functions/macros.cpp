// What can be said in SQL. A macro is bound as if its text stood in the query, so DuckDB's
// optimizer sees through it.

#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

constexpr char kOperators[] = R"sql(
CREATE MACRO pg_catalog.textregexeq(s, p) AS main.regexp_matches(s, pg_catalog.regex_pattern(p), 's');
CREATE MACRO pg_catalog.textregexne(s, p) AS NOT main.regexp_matches(s, pg_catalog.regex_pattern(p), 's');
CREATE MACRO pg_catalog.texticregexeq(s, p) AS main.regexp_matches(s, pg_catalog.regex_pattern(p), 'is');
CREATE MACRO pg_catalog.texticregexne(s, p) AS NOT main.regexp_matches(s, pg_catalog.regex_pattern(p), 'is');
CREATE MACRO pg_catalog.regexp_replace(s, p, r) AS
  main.regexp_replace(s, pg_catalog.regex_pattern(p), pg_catalog.regex_replacement(r), 's'),
  (s, p, r, flags) AS
  main.regexp_replace(s, pg_catalog.regex_pattern(p), pg_catalog.regex_replacement(r), 's' || flags);
CREATE MACRO main.regexp_like(s, p) AS pg_catalog.textregexeq(s, p),
  (s, p, flags) AS main.regexp_matches(s, pg_catalog.regex_pattern(p), 's' || flags);
CREATE MACRO pg_catalog.similar_to(s, p) AS main.regexp_full_match(s, pg_catalog.similar_to_escape(p), 's');
CREATE MACRO main."~*"(s, p) AS pg_catalog.texticregexeq(s, p);
CREATE MACRO main."!~*"(s, p) AS pg_catalog.texticregexne(s, p);
CREATE MACRO main."|/"(x) AS sqrt(x);
CREATE MACRO main."||/"(x) AS cbrt(x);
)sql";

constexpr char kNumbers[] = R"sql(
CREATE MACRO main.sind(x) AS round(sin(radians(x)), 15);
CREATE MACRO main.cosd(x) AS round(cos(radians(x)), 15);
CREATE MACRO main.tand(x) AS round(tan(radians(x)), 15);
CREATE MACRO main.cotd(x) AS round(cot(radians(x)), 15);
CREATE MACRO main.asind(x) AS degrees(asin(x));
CREATE MACRO main.acosd(x) AS degrees(acos(x));
CREATE MACRO main.atand(x) AS degrees(atan(x));
CREATE MACRO main.atan2d(y, x) AS degrees(atan2(y, x));
CREATE MACRO main.div(a, b) AS trunc(pg_catalog."/"(a, b));
CREATE MACRO main.scale(x) AS length(split_part(CAST(x AS VARCHAR), '.', 2))::INTEGER;
CREATE MACRO main.min_scale(x) AS length(rtrim(split_part(CAST(x AS VARCHAR), '.', 2), '0'))::INTEGER;
CREATE MACRO main.width_bucket(x, thresholds) AS
  CASE WHEN x IS NOT NULL THEN CAST(len(list_filter(thresholds, lambda t: t <= x)) AS INTEGER) END,
  (x, low, high, count) AS pg_catalog.width_bucket_of(x, low, high, count);
)sql";

constexpr char kText[] = R"sql(
CREATE MACRO main.uuid_generate_v4() AS gen_random_uuid();
CREATE MACRO main.quote_literal(x) AS pg_catalog.quote_text(CAST(x AS VARCHAR));
CREATE MACRO main.quote_nullable(x) AS coalesce(pg_catalog.quote_text(CAST(x AS VARCHAR)), 'NULL');
CREATE MACRO main.btrim(s) AS main.trim(s), (s, characters) AS main.trim(s, characters);
CREATE MACRO pg_catalog.length(s) AS CAST(main.length(s) AS INTEGER);
CREATE MACRO pg_catalog.char_length(s) AS CAST(main.length(s) AS INTEGER);
CREATE MACRO pg_catalog.character_length(s) AS CAST(main.length(s) AS INTEGER);
CREATE MACRO pg_catalog.bit_length(s) AS CAST(main.bit_length(s) AS INTEGER);
CREATE MACRO pg_catalog.position(s, piece) AS CAST(main.position(s, piece) AS INTEGER);
CREATE MACRO pg_catalog.strpos(s, piece) AS CAST(main.strpos(s, piece) AS INTEGER);
CREATE MACRO pg_catalog.lpad(s, n) AS main.lpad(s, n, ' '), (s, n, fill) AS main.lpad(s, n, fill);
CREATE MACRO pg_catalog.rpad(s, n) AS main.rpad(s, n, ' '), (s, n, fill) AS main.rpad(s, n, fill);
CREATE MACRO main.overlay(s, piece, start) AS
  left(s, start - 1) || piece || substr(s, start + length(piece)),
  (s, piece, start, count) AS left(s, start - 1) || piece || substr(s, start + count);
CREATE MACRO main.initcap(s) AS array_to_string(
  list_transform(regexp_extract_all(s, '[\p{L}\p{N}]+|[^\p{L}\p{N}]+'),
                 lambda word: upper(left(word, 1)) || lower(substr(word, 2))), '');
CREATE MACRO pg_catalog.text_substr(s, start) AS main.substring(s, greatest(start, 1)),
  (s, start, count) AS main.substring(
    s, greatest(start, 1),
    CASE WHEN count < 0 THEN pg_catalog.raise_negative_length(count)
         ELSE greatest(start + count - greatest(start, 1), 0) END);
CREATE MACRO main.convert_from(bytes, encoding) AS decode(bytes);
CREATE MACRO main.convert_to(s, encoding) AS encode(s);
CREATE MACRO pg_catalog.sha256(bytes) AS unhex(main.sha256(bytes));
CREATE MACRO main.string_to_table(s, delimiter) AS unnest(pg_catalog.string_to_array(s, delimiter)),
  (s, delimiter, null_text) AS unnest(pg_catalog.string_to_array(s, delimiter, null_text));
CREATE MACRO main.string_to_table(s, delimiter) AS TABLE
  (SELECT unnest(pg_catalog.string_to_array(s, delimiter)) AS string_to_table),
  (s, delimiter, null_text) AS TABLE
  (SELECT unnest(pg_catalog.string_to_array(s, delimiter, null_text)) AS string_to_table);
)sql";

constexpr char kRegularExpressions[] = R"sql(
CREATE MACRO main.regexp_split_to_table(s, pattern) AS TABLE
  (SELECT unnest(regexp_split_to_array(s, pattern, '')) AS regexp_split_to_table),
  (s, pattern, flags) AS TABLE
  (SELECT unnest(regexp_split_to_array(s, pattern, flags)) AS regexp_split_to_table);
CREATE MACRO pg_catalog.regexp_matches(s, pattern) AS TABLE
  (SELECT unnest(pg_catalog.regexp_matches_list(s, pattern, '')) AS regexp_matches),
  (s, pattern, flags) AS TABLE
  (SELECT unnest(pg_catalog.regexp_matches_list(s, pattern, flags)) AS regexp_matches);
)sql";

constexpr char kTime[] = R"sql(
CREATE MACRO main.make_interval(years := 0, months := 0, weeks := 0, days := 0, hours := 0, mins := 0, secs := 0) AS
  to_months(CAST(years AS INTEGER) * 12 + CAST(months AS INTEGER)) +
  to_days(CAST(weeks AS INTEGER) * 7 + CAST(days AS INTEGER)) +
  to_microseconds(CAST(hours AS BIGINT) * 3600000000 + CAST(mins AS BIGINT) * 60000000 +
                  CAST(round(CAST(secs AS DOUBLE) * 1000000) AS BIGINT));
CREATE MACRO pg_catalog.date_part_second(x) AS CAST(main.date_part('microseconds', x) AS DOUBLE) / 1000000;
CREATE MACRO pg_catalog.date_part_millisecond(x) AS CAST(main.date_part('microseconds', x) AS DOUBLE) / 1000;
CREATE MACRO pg_catalog.date_part_epoch(x) AS CAST(main.date_part('epoch', x) AS DOUBLE) - pg_catalog.seconds_east(x);
CREATE MACRO pg_catalog.date_part_whole(part, x) AS CAST(main.date_part(part, x) AS DOUBLE);
CREATE MACRO pg_catalog.year_without_zero(year, x) AS
  year - CASE WHEN year <= 0 AND typeof(x) <> 'INTERVAL' THEN 1 ELSE 0 END;
CREATE MACRO pg_catalog.date_part_year(x) AS
  CAST(pg_catalog.year_without_zero(main.date_part('year', x), x) AS DOUBLE);
CREATE MACRO pg_catalog.date_part_isoyear(x) AS
  CAST(pg_catalog.year_without_zero(main.date_part('isoyear', x), x) AS DOUBLE);
CREATE MACRO pg_catalog.extract_year(x) AS
  CAST(pg_catalog.year_without_zero(main.date_part('year', x), x) AS DECIMAL(18, 0));
CREATE MACRO pg_catalog.extract_isoyear(x) AS
  CAST(pg_catalog.year_without_zero(main.date_part('isoyear', x), x) AS DECIMAL(18, 0));
CREATE MACRO pg_catalog.make_date(days) AS main.make_date(days),
  (year, month, day) AS main.make_date(CASE WHEN year < 0 THEN year + 1 WHEN year = 0 THEN pg_catalog.raise_no_year(year)
                                       ELSE year END, month, day);
CREATE MACRO pg_catalog.extract_second(x) AS
  CAST(main.date_part('microseconds', x) AS DECIMAL(9, 0)) * CAST(0.000001 AS DECIMAL(7, 6));
CREATE MACRO pg_catalog.extract_millisecond(x) AS
  CAST(main.date_part('microseconds', x) AS DECIMAL(9, 0)) * CAST(0.001 AS DECIMAL(4, 3));
CREATE MACRO pg_catalog.extract_epoch(x) AS
  CAST(main.date_part('epoch', x) - pg_catalog.seconds_east(x) AS DECIMAL(20, 6));
CREATE MACRO pg_catalog.extract_whole(part, x) AS CAST(main.date_part(part, x) AS DECIMAL(18, 0));
CREATE MACRO main.date_bin(stride, source, origin) AS
  time_bucket(CAST(stride AS INTERVAL), source, origin);
CREATE MACRO pg_catalog.date_trunc(field, source) AS
  pg_catalog.as_instant(main.date_trunc(field, source), source),
  (field, source, zone) AS timezone(zone, main.date_trunc(field, timezone(zone, source)));
CREATE MACRO pg_catalog.date_trunc_from_one(field, source) AS
  pg_catalog.as_instant(
    main.date_trunc(field, source - CASE WHEN typeof(source) = 'INTERVAL' THEN INTERVAL 0 YEAR ELSE INTERVAL 1 YEAR END)
    + CASE WHEN typeof(source) = 'INTERVAL' THEN INTERVAL 0 YEAR ELSE INTERVAL 1 YEAR END, source);
CREATE MACRO main.overlaps(a, b, c, d) AS
  least(a, b) < greatest(c, d) AND least(c, d) < greatest(a, b);
CREATE MACRO main.timeofday() AS strftime(clock_timestamp(), '%a %b %d %H:%M:%S.%f %Y %Z');
)sql";

constexpr char kArrays[] = R"sql(
CREATE MACRO main.array_upper(a, dimension) AS pg_catalog.array_length(a, dimension);
CREATE MACRO main.array_lower(a, dimension) AS
  CASE WHEN pg_catalog.array_length(a, dimension) IS NOT NULL THEN 1 END;
CREATE MACRO main.array_remove(a, element) AS list_filter(a, lambda x: x IS DISTINCT FROM element);
CREATE MACRO main.array_replace(a, what, by_what) AS
  list_transform(a, lambda x: CASE WHEN x IS NOT DISTINCT FROM what THEN by_what ELSE x END);
CREATE MACRO main.array_positions(a, element) AS
  list_filter(list_transform(a, lambda x, i: CASE WHEN x IS NOT DISTINCT FROM element THEN CAST(i AS INTEGER) END),
              lambda i: i IS NOT NULL);
CREATE MACRO pg_catalog.array_position(a, element) AS main.list_position(a, element),
  (a, element, start) AS list_filter(array_positions(a, element), lambda i: i >= start)[1];
CREATE MACRO main.array_fill(value, dimensions) AS list_transform(range(dimensions[1]), lambda i: value);
CREATE MACRO main.trim_array(a, n) AS a[:len(a) - n];
CREATE MACRO pg_catalog.array_to_string(a, delimiter) AS
  CASE WHEN a IS NOT NULL AND delimiter IS NOT NULL
       THEN coalesce(list_aggregate(CAST(a AS VARCHAR[]), 'string_agg', delimiter), '') END,
  (a, delimiter, null_text) AS
  CASE WHEN a IS NOT NULL AND delimiter IS NOT NULL
       THEN coalesce(list_aggregate(list_transform(CAST(a AS VARCHAR[]), lambda x: coalesce(x, null_text)),
                                    'string_agg', delimiter), '') END;
CREATE MACRO main.generate_subscripts(a, dimension) AS TABLE
  SELECT CAST(unnest(generate_series(1, pg_catalog.array_length(a, dimension))) AS INTEGER) AS generate_subscripts;
)sql";

constexpr char kJson[] = R"sql(
CREATE MACRO main.json_agg(x) AS pg_catalog.json_array_of(list(x));
CREATE MACRO main.jsonb_agg(x) AS pg_catalog.jsonb_array_of(list(x));
CREATE MACRO main.json_object_agg(k, v) AS pg_catalog.json_object_of(list(k), list(v));
CREATE MACRO main.jsonb_object_agg(k, v) AS pg_catalog.jsonb_object_of(list(k), list(v));
CREATE MACRO main.json_array_elements(j) AS unnest(pg_catalog.json_elements_of(j));
CREATE MACRO main.jsonb_array_elements(j) AS pg_catalog.jsonb_of(unnest(pg_catalog.json_elements_of(j)));
CREATE MACRO main.json_array_elements_text(j) AS unnest(pg_catalog.json_texts_of(j));
CREATE MACRO main.jsonb_array_elements_text(j) AS unnest(pg_catalog.json_texts_of(j));
CREATE MACRO main.json_object_keys(j) AS unnest(pg_catalog.json_keys_of(j));
CREATE MACRO main.jsonb_object_keys(j) AS unnest(pg_catalog.jsonb_keys_of(j));
CREATE MACRO main.json_array_elements(j) AS TABLE
  SELECT unnest(pg_catalog.json_elements_of(j)) AS json_array_elements;
CREATE MACRO main.jsonb_array_elements(j) AS TABLE
  SELECT pg_catalog.jsonb_of(unnest(pg_catalog.json_elements_of(j))) AS jsonb_array_elements;
CREATE MACRO main.json_array_elements_text(j) AS TABLE
  SELECT unnest(pg_catalog.json_texts_of(j)) AS json_array_elements_text;
CREATE MACRO main.jsonb_array_elements_text(j) AS TABLE
  SELECT unnest(pg_catalog.json_texts_of(j)) AS jsonb_array_elements_text;
CREATE MACRO main.json_object_keys(j) AS TABLE SELECT unnest(pg_catalog.json_keys_of(j)) AS json_object_keys;
CREATE MACRO main.jsonb_object_keys(j) AS TABLE SELECT unnest(pg_catalog.jsonb_keys_of(j)) AS jsonb_object_keys;
CREATE MACRO pg_catalog.json_each(j) AS TABLE
  SELECT pair.key AS key, pair.value AS value FROM (SELECT unnest(pg_catalog.json_pairs_of(j)) AS pair);
CREATE MACRO main.jsonb_each(j) AS TABLE
  SELECT pair.key AS key, pair.value AS value FROM (SELECT unnest(pg_catalog.json_pairs_of(j)) AS pair);
CREATE MACRO main.json_each_text(j) AS TABLE
  SELECT pair.key AS key, pair.value AS value FROM (SELECT unnest(pg_catalog.json_text_pairs_of(j)) AS pair);
CREATE MACRO main.jsonb_each_text(j) AS TABLE
  SELECT pair.key AS key, pair.value AS value FROM (SELECT unnest(pg_catalog.json_text_pairs_of(j)) AS pair);
)sql";

}  // namespace

void RegisterMacros(FunctionRegistrar& registrar) {
  for (const char* part : {kOperators, kNumbers, kText, kRegularExpressions, kTime, kArrays, kJson})
    registrar.AddMacros(part);
}

}  // namespace skein::engine
