-- case: no rows
SELECT 1::INTEGER AS a, 'x' AS b, [1] AS c, {'k': 1} AS d WHERE false;

-- case: no rows of a file
SELECT * FROM customers WHERE false;

-- case: a string of 5 MB
SELECT repeat('0123456789', 500000) AS s, 1 AS i;

-- case: long unicode
SELECT repeat('héllo wörld 漢字 🦆 ', 20000) AS s;

-- case: unicode
SELECT * FROM (VALUES ('Ærøskøbing'), ('漢字かな交じり文'), ('🦆🏳️‍🌈👩‍👩‍👧'), ('עברית العربية'), ('e' || chr(769)), (chr(65533)),
  (chr(8232) || chr(127)), (NULL)) "tåble"("näme");

-- case: quoted names
SELECT 1 AS "a b", 2 AS "quo""te", 3 AS "SELECT", 4 AS "ünï", 5 AS "Upper";

-- case: many rows
SELECT range AS i, 'row ' || range AS s, CASE WHEN range % 7 = 0 THEN NULL ELSE range / 4 END AS d FROM range(50000)
ORDER BY i;
