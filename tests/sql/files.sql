-- case: csv
SELECT * FROM customers;

-- case: json
SELECT * FROM reviews;

-- case: csv joined with json
SELECT c.city, count(*) AS reviews, sum(r.stars) AS stars, count(r.text) AS texts, max(c.credit) AS credit
FROM customers c JOIN reviews r USING (customer_id) GROUP BY c.city;

-- case: nested json
SELECT tag, count(*) AS n FROM (SELECT unnest(tags) AS tag FROM reviews) GROUP BY tag ORDER BY n DESC, tag;

-- case: hive partitions
SELECT year, month, count(*) AS n, sum(duration_ms) AS duration FROM events GROUP BY ALL ORDER BY year, month;

-- case: one hive partition
SELECT * FROM events WHERE month = '03' AND kind = 'order';

-- case: hive partitions with files
SELECT e.kind, c.city, count(*) AS n FROM events e JOIN customers c ON c.customer_id = e.user_id
WHERE e.month <= '06' GROUP BY e.kind, c.city;

-- case: parquet of several files
SELECT l_returnflag, count(*) AS n, min(l_shipdate) AS first, sum(l_extendedprice) AS price FROM lineitem GROUP BY 1;

-- case: windows over a file
SELECT review_id, customer_id, row_number() OVER (PARTITION BY customer_id ORDER BY review_id) AS nth FROM reviews;
