-- Strings: functions, operators and patterns.
SELECT 'a' || 'b', 'a' || NULL, 'a' || 1
SELECT upper('äbc'), lower('ÄBC'), initcap('hello wORLD-foo bar_baz 3rd'), initcap(NULL)
SELECT length('naïve'), char_length('naïve'), octet_length('naïve'), bit_length('abc')
SELECT ltrim('  x '), rtrim(' x  '), btrim('xxayx', 'xy'), trim(both 'x' from 'xxaxx'), trim(leading from '  a ')
SELECT lpad('hi', 5, 'xy'), rpad('hi', 5, 'xy'), lpad('hello', 2), rpad('hello', 2), lpad('x', 3)
SELECT left('abcde', 2), left('abcde', -2), right('abcde', 2), right('abcde', -2), left('ab', 0)
SELECT position('b' in 'abc'), position('' in 'abc'), position('z' in 'abc'), strpos('high', 'ig')
SELECT substring('Thomas' from 2 for 3), substring('Thomas', 3), substr('alphabet', 3, 2), substring('Thomas' from 0 for 3)
SELECT substring('Thomas' from '...$'), substring('foobar' from 'o(.)b'), substring('foobar' from 'z')
SELECT overlay('Txxxxas' placing 'hom' from 2 for 4), overlay('abcdef' placing 'Z' from 3)
SELECT split_part('abc~@~def~@~ghi', '~@~', 2), split_part('abc,def,ghi,jkl', ',', -2), split_part('a,b', ',', 5), split_part('ab', '', 1)
SELECT split_part('a,b', ',', 0)
SELECT translate('12345', '143', 'ax'), translate('abc', 'abc', '')
SELECT repeat('Pg', 4), repeat('x', -1), reverse('abcä'), replace('abcdefabcdef', 'cd', 'XX')
SELECT ascii('x'), ascii('€'), ascii(''), chr(65), chr(8364)
SELECT chr(0)
SELECT md5('abc'), sha256('abc'::bytea), encode(sha224('abc'), 'hex')
SELECT encode('\x0001ff'::bytea, 'hex'), encode('\x0001ff'::bytea, 'base64'), encode('\x00416101ff'::bytea, 'escape')
SELECT decode('0001ff', 'hex'), decode('AAH/', 'base64'), decode('a\000b', 'escape')
SELECT decode('zz', 'hex')
SELECT encode('abc'::bytea, 'rot13')
SELECT to_hex(255), to_hex(-1), to_hex(255::bigint), to_hex(0)
SELECT quote_ident('Foo bar'), quote_ident('foo'), quote_ident('select'), quote_ident('a"b'), quote_literal('O''Reilly'), quote_literal(42.5), quote_nullable(NULL), quote_nullable('x')
SELECT quote_literal('a\b'), quote_literal(NULL)
SELECT format('Hello %s, %1$s', 'World'), format('%I.%I', 'My tbl', 'col'), format('%L', 'O''R'), format('%%')
SELECT format('|%10s|', 'foo'), format('|%-10s|', 'foo'), format('|%*s|', 10, 'foo'), format('|%-*s|', 10, 'foo'), format('|%2$*1$s|', 7, 'x')
SELECT format('%s', NULL), format('%L', NULL), format('no args'), format('%s %s', 1, true)
SELECT format('%I', NULL)
SELECT format('%s')
SELECT format('%y', 1)
SELECT concat('a', NULL, 1, true), concat_ws(',', 'a', NULL, 'b'), concat_ws(NULL, 'a', 'b'), concat_ws(',', NULL, NULL)
SELECT starts_with('alphabet', 'alph'), 'alphabet' ^@ 'alph'
SELECT 'abc' LIKE 'a%', 'abc' LIKE 'A%', 'abc' ILIKE 'A%', 'abc' NOT LIKE '_b_', 'a%c' LIKE 'a\%c', 'a%c' LIKE 'a#%c' ESCAPE '#'
SELECT 'abc' ~~ 'a%', 'abc' ~~* 'A%', 'abc' !~~ 'b%', 'abc' !~~* 'B%'
SELECT 'abc' LIKE NULL, NULL LIKE 'a', 'a' LIKE ANY (ARRAY['b', 'a'])
SELECT 'abc' SIMILAR TO 'abc', 'abc' SIMILAR TO 'a', 'abc' SIMILAR TO '%(b|d)%', 'abc' SIMILAR TO '(b|c)%', 'abc' NOT SIMILAR TO 'x%', 'a.c' SIMILAR TO 'a.c', 'abc' SIMILAR TO 'a.c'
SELECT 'thomas' ~ 't.*ma', 'thomas' ~* 'T.*MA', 'thomas' !~ 't.*max', 'thomas' !~* 'T.*ma', 'abc' ~ NULL
SELECT 'abc' ~ 'b', 'abc' ~ '^b', 'abc' ~ '(b|d)', 'abc' ~ '^(b|c)', E'a\nb' ~ 'a.b', 'foo bar' ~ '\mbar\M', 'foo bar' ~ '\yfoo\y'
SELECT 'abc' ~ '('
SELECT regexp_match('foobarbequebaz', 'bar.*que'), regexp_match('foobarbequebaz', '(bar)(beque)'), regexp_match('abc', 'z'), regexp_match('aBc', 'B', 'i'), regexp_match('ab', '(a)|(b)')
SELECT regexp_matches('foobarbequebazilbarfbonk', '(b[^b]+)(b[^b]+)', 'g')
SELECT regexp_matches('foo', 'not there')
SELECT m[1] FROM regexp_matches('a1b2c3', '[a-z]([0-9])', 'g') AS m
SELECT regexp_replace('Thomas', '.[mN]a.', 'M'), regexp_replace('foobarbaz', 'b..', 'X'), regexp_replace('foobarbaz', 'b..', 'X', 'g'), regexp_replace('foobarbaz', 'b(..)', 'X\1Y', 'g'), regexp_replace('foobar', 'O', 'x', 'gi'), regexp_replace('foobar', 'o+', '[\&]')
SELECT regexp_split_to_array('hello world  foo', '\s+'), regexp_split_to_array('abc', ''), regexp_split_to_array('a1b2', '\d')
SELECT regexp_split_to_table('hello world foo', '\s+')
SELECT * FROM regexp_split_to_table('the quick brown', '\s') AS foo
SELECT regexp_count('ABCABCAXYaxy', 'A.'), regexp_count('123123', '\d{3}', 1), regexp_like('Hello World', 'world$', 'i'), regexp_substr('ABCDEF', 'C.*'), regexp_instr('ABCDEF', 'D')
SELECT string_to_array('xx~~yy~~zz', '~~', 'yy'), string_to_array('abc', NULL), string_to_array('', ','), string_to_array('a,b', ''), string_to_array(NULL, ',')
SELECT * FROM string_to_table('a,b,c', ',')
SELECT unistr('d\0061t\+000061'), parse_ident('foo.bar'), normalize('é', NFC)
SELECT 'abc'::varchar(2), 'abc'::char(5), 'abc'::bpchar, 'x'::char(3) || 'y', length('a  '::char(5))
SELECT 'a' < 'B', 'a' < 'b', 'Z' < 'a', 'abc' = 'abc ', 'é' > 'z'
SELECT E'tab\there', E'\x41', U&'d\0061t', $$dollar$$, $x$it's$x$
SELECT strpos('', ''), length(''), substr('', 1), reverse('')
SELECT string_agg(x, ',' ORDER BY x DESC) FROM (VALUES ('a'), ('b'), (NULL)) t(x)
SELECT string_agg(x::text, '') FROM generate_series(1, 3) AS x
SELECT 'a' COLLATE "C" < 'b'
SELECT '' IS NULL, '' = '', nullif('', '') IS NULL, coalesce(NULL, 'x')
SELECT substring('abc' from -1 for 3), substring('abc', 10), substring('abc', 2, 0)
SELECT substring('abc', 2, -1)
SELECT convert_from('\x616263'::bytea, 'UTF8'), convert_to('abc', 'UTF8'), length('\x616263'::bytea), substring('\x616263'::bytea from 2 for 1), get_byte('\x616263'::bytea, 1)
SELECT '\xDEADBEEF'::bytea, 'abc\\000'::bytea, '\x'::bytea || '\x01'::bytea
SELECT 'xyz'::bytea = '\x78797a'::bytea
SELECT to_ascii('abc', 'LATIN1')
