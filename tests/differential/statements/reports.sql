-- What reports and dashboards are made of: windows, series of days, intervals, pivots, text that is cleaned up.
CREATE TEMP TABLE sales (id int PRIMARY KEY, region text, product varchar(20), qty int, price numeric(10, 2), sold timestamp, note text)
INSERT INTO sales VALUES (1, 'north', 'apple', 3, 1.20, '2024-01-31 10:00', 'a,b'), (2, 'north', 'pear', NULL, 2.50, '2024-02-01 11:30', ''), (3, 'south', 'apple', 7, 1.10, '2024-02-29 23:59:59', NULL), (4, 'south', 'fig', 1, 10.00, '2024-03-01', 'x y  z'), (5, NULL, 'fig', 2, 9.99, NULL, 'Ünï')
SELECT region, sum(qty * price) AS revenue FROM sales GROUP BY region ORDER BY revenue DESC NULLS LAST
SELECT region, round(avg(price), 2), round(sum(qty * price) / NULLIF(sum(qty), 0), 4) FROM sales GROUP BY 1 ORDER BY 1
SELECT date_trunc('month', sold) AS month, count(*), count(DISTINCT product) FROM sales GROUP BY 1 ORDER BY 1
SELECT to_char(sold, 'YYYY-"Q"Q'), sum(qty) FROM sales WHERE sold IS NOT NULL GROUP BY to_char(sold, 'YYYY-"Q"Q') ORDER BY 1
SELECT region, product, rank() OVER (PARTITION BY region ORDER BY price DESC) FROM sales ORDER BY id
SELECT id, sum(qty) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) AS running FROM sales ORDER BY id
SELECT id, qty, qty - lag(qty) OVER (ORDER BY id) AS change FROM sales ORDER BY id
SELECT id, round(100.0 * price / sum(price) OVER (), 2) AS share FROM sales ORDER BY id
SELECT id, sum(price) OVER (ORDER BY price RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM sales ORDER BY id
SELECT id, count(*) OVER (ORDER BY product GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM sales ORDER BY id
SELECT id, sum(qty) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW) FROM sales ORDER BY id
SELECT id, max(price) FILTER (WHERE qty > 1) OVER (PARTITION BY region) FROM sales ORDER BY id
SELECT id, array_agg(id) OVER (PARTITION BY region ORDER BY id) FROM sales ORDER BY id
SELECT id, string_agg(product, ',') OVER (ORDER BY id) FROM sales ORDER BY id
SELECT id, lag(product, 2, 'none') OVER w, first_value(product) OVER w FROM sales WINDOW w AS (ORDER BY id) ORDER BY id
SELECT * FROM (SELECT id, row_number() OVER (PARTITION BY product ORDER BY price) AS n FROM sales) s WHERE n = 1 ORDER BY id
SELECT product, sum(CASE WHEN region = 'north' THEN qty ELSE 0 END) AS north, sum(qty) FILTER (WHERE region = 'south') AS south FROM sales GROUP BY product ORDER BY product
SELECT region, product, sum(qty), grouping(region, product) FROM sales GROUP BY GROUPING SETS ((region, product), (region), ()) ORDER BY 4, 1, 2
SELECT coalesce(region, 'all') AS r, count(*) FROM sales GROUP BY ROLLUP (region) ORDER BY 2, 1
SELECT d::date AS day, coalesce(count(s.id), 0) AS n FROM generate_series(date '2024-02-28', date '2024-03-02', interval '1 day') AS d LEFT JOIN sales s ON s.sold::date = d::date GROUP BY d ORDER BY d
SELECT g::date FROM generate_series('2024-01-31'::date, '2024-05-31'::date, '1 month') AS g
SELECT extract(isodow FROM g)::int, to_char(g, 'Dy') FROM generate_series(timestamp '2024-02-26', timestamp '2024-03-03', interval '1 day') AS g
SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY qty), percentile_disc(0.5) WITHIN GROUP (ORDER BY price) FROM sales
SELECT region, mode() WITHIN GROUP (ORDER BY product) FROM sales GROUP BY region ORDER BY region
SELECT width_bucket(price, 0, 10, 5), count(*) FROM sales GROUP BY 1 ORDER BY 1
SELECT min(sold), max(sold), max(sold) - min(sold) FROM sales
SELECT age(max(sold), min(sold)) FROM sales
SELECT sold + interval '1 month' FROM sales ORDER BY id
SELECT sold::date + 1, sold - interval '1 day 2 hours', date_trunc('week', sold) FROM sales ORDER BY id
SELECT extract(epoch FROM (timestamp '2024-03-01' - sold)) / 3600 FROM sales ORDER BY id
SELECT extract(day FROM (timestamp '2024-03-01' - sold)) FROM sales ORDER BY id
SELECT (date '2024-03-01' - sold::date) AS days FROM sales ORDER BY id
SELECT id FROM sales WHERE sold BETWEEN '2024-02-01' AND '2024-02-29 23:59:59' ORDER BY id
SELECT id FROM sales WHERE sold >= date '2024-02-01' AND sold < date '2024-02-01' + interval '1 month' ORDER BY id
SELECT id FROM sales WHERE sold > '2024-03-01'::timestamp - interval '2 days' ORDER BY id
SELECT id FROM sales WHERE (region, product) IN (('north', 'apple'), ('south', 'fig')) ORDER BY id
SELECT id FROM sales WHERE region IS DISTINCT FROM 'north' ORDER BY id
SELECT id FROM sales WHERE note ~* '^x' OR note SIMILAR TO '%(b|Ü)%' ORDER BY id
SELECT id FROM sales WHERE product ILIKE ANY (ARRAY['A%', '%G']) ORDER BY id
SELECT id FROM sales WHERE qty = ANY ('{1,2,3}') ORDER BY id
SELECT id FROM sales WHERE NOT (qty > 2) ORDER BY id
SELECT id, trim(both ' ' from regexp_replace(note, '\s+', ' ', 'g')) FROM sales ORDER BY id
SELECT id, string_to_array(note, ','), cardinality(string_to_array(note, ',')) FROM sales ORDER BY id
SELECT id, regexp_split_to_array(note, '[ ,]+') FROM sales ORDER BY id
SELECT id, part FROM sales, unnest(string_to_array(note, ',')) AS part ORDER BY id, part
SELECT id, part, n FROM sales CROSS JOIN LATERAL unnest(string_to_array(note, ',')) WITH ORDINALITY AS p(part, n) ORDER BY id, n
SELECT id, upper(left(product, 1)) || substr(product, 2) FROM sales ORDER BY id
SELECT id, lpad(id::text, 4, '0'), to_char(id, 'FM0000'), to_char(price, 'FM999,990.00'), to_char(price, 'L999D99') FROM sales ORDER BY id
SELECT id, concat_ws(' / ', region, product, note), length(note), nullif(note, '') FROM sales ORDER BY id
SELECT id, format('%s-%s', region, product), quote_literal(note), md5(coalesce(note, '')) FROM sales ORDER BY id
SELECT id, split_part(product, 'p', 1), strpos(product, 'p'), position('i' in product), reverse(product) FROM sales ORDER BY id
SELECT id, greatest(qty, 2), least(qty, price), coalesce(qty, 0) * price FROM sales ORDER BY id
SELECT id, round(price), ceil(price), floor(price), trunc(price, 1), mod(qty, 2), abs(-price), sign(price - 5) FROM sales ORDER BY id
SELECT id, qty::numeric / 3, qty / 2, qty::float8 / 3, price / qty FROM sales ORDER BY id
SELECT sum(price), avg(price), avg(qty), sum(qty), stddev(price), variance(qty) FROM sales
SELECT corr(qty, price::float8), count(*), bool_or(qty > 5), array_agg(DISTINCT region ORDER BY region) FROM sales
SELECT json_agg(json_build_object('id', id, 'p', product) ORDER BY id) FROM sales WHERE id < 3
SELECT json_object_agg(product, qty ORDER BY id) FROM sales WHERE id IN (1, 4)
SELECT row_to_json(s) FROM (SELECT id, product FROM sales WHERE id = 1) s
WITH top AS (SELECT region, max(price) AS p FROM sales GROUP BY region) SELECT s.id FROM sales s JOIN top t ON s.region = t.region AND s.price = t.p ORDER BY 1
WITH RECURSIVE months(d) AS (SELECT date '2024-01-01' UNION ALL SELECT (d + interval '1 month')::date FROM months WHERE d < '2024-04-01') SELECT * FROM months
WITH RECURSIVE tree(id, parent, path) AS (SELECT 1, 0, ARRAY[1] UNION ALL SELECT t.id + 1, t.id, path || (t.id + 1) FROM tree t WHERE t.id < 3) SELECT id, parent, path FROM tree ORDER BY id
SELECT region FROM sales UNION SELECT product FROM sales EXCEPT SELECT 'fig' ORDER BY 1
SELECT DISTINCT ON (region) region, id FROM sales ORDER BY region, price DESC
SELECT count(*) FROM sales s1 WHERE price > (SELECT avg(price) FROM sales s2 WHERE s2.product = s1.product)
SELECT s.id, t.n FROM sales s LEFT JOIN LATERAL (SELECT count(*) AS n FROM sales x WHERE x.price < s.price) t ON true ORDER BY s.id
SELECT to_char(interval '36 hours 5 minutes', 'HH24:MI'), to_char(interval '1 day 2 hours', 'DD HH24:MI:SS'), justify_hours(interval '36 hours')
SELECT interval '1 year 2 months' + interval '3 days', interval '90 minutes' * 2, interval '1 day' - interval '1 hour', -interval '1 day'
SELECT extract(epoch FROM interval '1 month 1 day 1 hour'), extract(hour FROM interval '26 hours'), date_part('day', interval '40 days 3 hours')
SELECT make_interval(hours => 3, mins => 30), make_interval(weeks => 2), make_date(2024, 2, 29) + make_interval(years => 1)
SELECT timestamptz '2024-03-31 00:30:00 UTC' AT TIME ZONE 'Europe/Berlin', timestamp '2024-03-31 02:30:00' AT TIME ZONE 'Europe/Berlin'
SELECT timestamptz '2024-10-27 00:30:00+00' + interval '1 day', date_trunc('day', timestamptz '2024-10-27 12:00+00', 'Europe/Berlin')
SELECT to_char(timestamp '2024-02-09 04:05:06.789', 'DD.MM.YYYY'), to_char(timestamp '2024-02-09 04:05:06.789', 'HH24:MI:SS.US'), to_char(timestamp '2024-02-09 16:05', 'HH:MI am')
SELECT to_char(date '2024-12-30', 'IYYY-IW'), to_char(date '2024-12-30', 'YYYY-WW DDD D ID'), to_char(date '2024-02-09', 'FMMonth FMDD, YYYY'), to_char(date '2024-02-09', 'MON dy')
SELECT to_char(1234567.891, '9,999,999.99'), to_char(-0.5, '0.00'), to_char(0.5, 'FM90%'), to_char(12, '99999'), to_char(1e6::float8, '9.99EEEE'), to_char(7, 'RN'), to_char(-5, '9MI')
SELECT to_date('09.02.2024', 'DD.MM.YYYY'), to_date('2024-040', 'YYYY-DDD'), to_date('Feb 9, 2024', 'Mon DD, YYYY'), to_timestamp('2024-02-09T04:05:06', 'YYYY-MM-DD"T"HH24:MI:SS')
SELECT to_number('1,234.50', '9,999.99'), to_number('-12', 'S99'), to_number('$5', 'L9')
SELECT regexp_match('2024-02-09', '(\d+)-(\d+)-(\d+)'), (regexp_match('key=value', '^(\w+)=(\w+)$'))[2], substring('a1b22' from '[0-9]+'), regexp_replace('a.b.c', '\.', '-', 'g'), regexp_replace('John Smith', '(\w+) (\w+)', '\2, \1')
SELECT translate('a-b_c', '-_', '  '), initcap('o''neill mc-donald'), repeat('=', 5), chr(64) || ascii('A')::text, overlay('abc' placing 'XX' from 2 for 1)
SELECT 'abc' || NULL, concat('abc', NULL), 'a' || 1 || true::text, left('ab', 5), right('abc', -1), rtrim('xaax', 'x')
SELECT array_to_string(array_agg(product ORDER BY product), '; '), array_length(array_agg(id), 1) FROM sales
SELECT id, ARRAY[qty, id]::int[], (ARRAY[id, qty])[1], id = ANY (ARRAY[1, 3]), ARRAY[region, product] && ARRAY['north'] FROM sales ORDER BY id
SELECT sum(n) FROM (SELECT unnest(ARRAY[1, 2, 3]) AS n) s
SELECT array_agg(x ORDER BY x) FILTER (WHERE x > 1), array_remove(array_agg(x), 2) FROM unnest(ARRAY[3, 1, 2]) AS x
SELECT random() BETWEEN 0 AND 1, pi()::numeric(10, 5), power(2, 10)::int, sqrt(16)::int, exp(0)::int, ln(1)::int
SELECT num_nulls(1, NULL, NULL), num_nonnulls(1, NULL), 5 # 3, 6 & 3, 6 | 1, ~5, 1 << 4, 17 >> 2
SELECT isfinite(timestamp 'infinity'), 'infinity'::date > current_date, timestamp '-infinity' < now()
SELECT current_date = now()::date, localtimestamp::date = current_date, date_trunc('day', now()) = current_date::timestamptz
SELECT id FROM sales ORDER BY region NULLS FIRST, price DESC LIMIT 3 OFFSET 1
SELECT id FROM sales ORDER BY lower(product), -price FETCH FIRST 2 ROWS WITH TIES
SELECT * FROM sales WHERE id = 1
TABLE sales ORDER BY id LIMIT 1
SELECT region, count(*) FROM sales GROUP BY region HAVING count(*) > 1 ORDER BY 1
SELECT sum(qty) FROM sales GROUP BY ()
SELECT avg(qty)::numeric(10, 2), sum(price)::int, round(sum(price) / 7, 3), round(2.5), round(-2.5), round(2.5::float8) FROM sales
DROP TABLE sales
