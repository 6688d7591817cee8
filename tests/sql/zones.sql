-- case: utc
SET TimeZone = 'UTC';
SELECT TIMESTAMPTZ '2024-07-01 12:00:00.123456+02' AS t, TIMESTAMPTZ '1900-01-01 00:00:00+00' AS old, NULL::TIMESTAMPTZ AS nothing;

-- case: summer and winter
SET TimeZone = 'Europe/Berlin';
SELECT TIMESTAMPTZ '2024-07-01 12:00:00' AS summer, TIMESTAMPTZ '2024-01-01 12:00:00' AS winter,
       (TIMESTAMPTZ '2024-07-01 12:00:00')::VARCHAR AS said;

-- case: around the change
SET TimeZone = 'America/New_York';
SELECT TIMESTAMPTZ '2024-11-03 05:30:00+00' + to_minutes(i::INTEGER * 30) AS t FROM range(6) r(i) ORDER BY t;

-- case: a half hour
SET TimeZone = 'Asia/Kolkata';
SELECT TIMESTAMP '2024-07-01 12:00:00'::TIMESTAMPTZ AS t, (TIMESTAMPTZ '2024-07-01 00:00:00+00')::DATE AS d,
       hour(TIMESTAMPTZ '2024-07-01 00:00:00+00') AS h;

-- case: other places
SET TimeZone = 'Pacific/Auckland';
SELECT TIMESTAMPTZ '2024-07-01 12:00:00+00' AT TIME ZONE 'Asia/Tokyo' AS tokyo,
       date_trunc('day', TIMESTAMPTZ '2024-07-01 20:00:00+00') AS day;
