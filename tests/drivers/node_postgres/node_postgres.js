// Checks of node-postgres, pg-cursor and pg-query-stream: each prints "ok NAME" or "failed NAME: why".
// Where the server is comes from PGHOST, PGPORT, PGUSER and PGDATABASE, as the driver reads them.
'use strict';
const assert = require('node:assert/strict');
const {Client, Pool} = require('pg');
const Cursor = require('pg-cursor');
const QueryStream = require('pg-query-stream');

const checks = [];
const check = (name, body) => checks.push([name, body]);

async function fails(code, action) {
  await assert.rejects(action, error => {
    assert.equal(error.code, code, `${error.code}: ${error.message}`);
    return true;
  });
}

const ENDLESS = 'SELECT sum(a.i * b.i) FROM generate_series(1, 10000000) AS a(i), generate_series(1, 1000000) AS b(i)';

check('rows and parameters', async client => {
  assert.deepEqual((await client.query('SELECT $1::int + 1 AS n, $2::text AS s', [41, 'grüße \u{1F600}'])).rows,
                   [{n: 42, s: 'grüße \u{1F600}'}]);
  const result = await client.query({text: 'SELECT 1 AS a, 2 AS a', rowMode: 'array'});
  assert.deepEqual(result.rows, [[1, 2]]);
  assert.deepEqual(result.fields.map(field => [field.name, field.dataTypeID]), [['a', 23], ['a', 23]]);
  assert.equal((await client.query('SELECT $1::text IS NULL AS b', [null])).rows[0].b, true);
  assert.equal((await client.query('')).rows.length, 0);
});

const valuesOfEachType = binary => async client => {
  const query = (text, values) => client.query({text, values, binary});
  const one = async (text, ...values) => (await query(`SELECT ${text} AS v`, values)).rows[0].v;
  assert.equal(await one('$1::int', 7), 7);
  assert.equal(await one('$1::bigint', '9007199254740993'), '9007199254740993');
  assert.equal(await one('$1::boolean', true), true);
  assert.equal(await one('$1::text', ''), '');
  if (!binary) {
    // Its own readers of binary values know no negative number, no fraction, no time and no exact numeric.
    assert.equal(await one('$1::smallint', -7), -7);
    assert.deepEqual(await one('$1::timestamptz', new Date('2024-07-01T10:00:00.123Z')),
                     new Date('2024-07-01T10:00:00.123Z'));
    assert.deepEqual(await one('$1::timestamp', '1969-12-31 23:59:59'), new Date(1969, 11, 31, 23, 59, 59));
    assert.equal(await one('$1::double precision', 0.1), 0.1);
    assert.equal(await one('$1::numeric(20,2)', '12345678901234567.89'), '12345678901234567.89');
    assert.deepEqual(await one('$1::date', '2024-02-29'), new Date(2024, 1, 29));
    assert.equal(await one('$1::uuid', '0b8e5e3a-1c1e-4d5b-9f0a-9d5b7c6a1e2f'),
                 '0b8e5e3a-1c1e-4d5b-9f0a-9d5b7c6a1e2f');
    assert.deepEqual(await one('$1::json', {a: [1, null]}), {a: [1, null]});
    assert.deepEqual(await one('$1::jsonb', {b: 'x'}), {b: 'x'});
    assert.deepEqual(await one("'{\"q\": 1}'::jsonb"), {q: 1});
    assert.equal(await one('$1::time', '23:59:59.5'), '23:59:59.5');
    assert.equal((await one("'1 day 02:03:04'::interval")).toPostgres(), '4 seconds 3 minutes 2 hours 1 days');
    assert.deepEqual(await one('$1::int[]', [1, null, -3]), [1, null, -3]);
    assert.deepEqual(await one('$1::text[]', ['a,b', '"q"', null, 'NULL', '']), ['a,b', '"q"', null, 'NULL', '']);
    assert.deepEqual(await one('$1::bytea', Buffer.from([0, 1, 255, 92])), Buffer.from([0, 1, 255, 92]));
    assert.equal(await one("'NaN'::double precision"), NaN);
  }
};
check('types', valuesOfEachType(false));
check('types, binary', valuesOfEachType(true));

check('named statements', async client => {
  for (let i = 0; i < 5; i++) {
    const first = await client.query({name: 'first', text: 'SELECT $1::int AS n', values: [i]});
    const second = await client.query({name: 'second', text: 'SELECT $1::text AS s', values: [String(i)]});
    assert.deepEqual([first.rows[0].n, second.rows[0].s], [i, String(i)]);
  }
  await fails('22P02', () => client.query({name: 'first', text: 'SELECT $1::int AS n', values: ['x']}));
  assert.equal((await client.query({name: 'first', text: 'SELECT $1::int AS n', values: [7]})).rows[0].n, 7);
});

check('many queries waiting', async client => {
  // It queues them (and warns that it will not for ever).
  const all = await Promise.all(Array.from({length: 200}, (_, i) => client.query('SELECT $1::int AS n', [i])));
  assert.deepEqual(all.map(result => result.rows[0].n), Array.from({length: 200}, (_, i) => i));
});

check('several statements at once', async client => {
  const all = await client.query('SELECT 1 AS a; CREATE TEMP TABLE t (i int); INSERT INTO t VALUES (1), (2); SELECT * FROM t');
  assert.deepEqual(all.map(result => [result.command, result.rowCount]),
                   [['SELECT', 1], ['CREATE', null], ['INSERT', 2], ['SELECT', 2]]);
});

check('transactions', async client => {
  await client.query('CREATE TEMP TABLE t (i int PRIMARY KEY, s text)');
  await client.query('BEGIN');
  assert.equal((await client.query('INSERT INTO t VALUES ($1, $2), (2, NULL)', [1, 'a'])).rowCount, 2);
  await client.query('ROLLBACK');
  assert.equal((await client.query('SELECT count(*) AS n FROM t')).rows[0].n, '0');
  await client.query('BEGIN');
  await fails('42P01', () => client.query('SELECT * FROM no_such_table'));
  await fails('25P02', () => client.query('SELECT 1'));
  assert.equal((await client.query('COMMIT')).command, 'ROLLBACK');
  const inserted = await client.query("INSERT INTO t VALUES (5, 'five') RETURNING i, s");
  assert.deepEqual(inserted.rows, [{i: 5, s: 'five'}]);
  await fails('23505', () => client.query("INSERT INTO t VALUES (5, 'again')"));
});

check('errors', async client => {
  await fails('42601', () => client.query('SELEC 1'));
  await fails('42703', () => client.query('SELECT nope FROM pg_catalog.pg_class'));
  await fails('22012', () => client.query('SELECT 1 / $1::int', [0]));
  await fails('42883', () => client.query('SELECT no_such_function(1)'));
  const error = await client.query('SELECT nope').catch(e => e);
  assert.equal(error.position, '8');
  assert.equal(error.severity, 'ERROR');
  assert.equal((await client.query('SELECT 1 AS n')).rows[0].n, 1);
});

check('notices', async client => {
  const notices = [];
  client.on('notice', notice => notices.push(notice.message));
  await client.query('BEGIN');
  await client.query('BEGIN');
  await client.query('ROLLBACK');
  assert.equal(notices.length, 1);
  assert.match(notices[0], /already a transaction/);
});

check('cursor', async client => {
  const cursor = client.query(new Cursor('SELECT i FROM generate_series(1, $1) AS t(i) ORDER BY i', [1000]));
  let seen = [];
  for (let rows = await cursor.read(300); rows.length > 0; rows = await cursor.read(300))
    seen = seen.concat(rows.map(row => Number(row.i)));
  assert.deepEqual(seen, Array.from({length: 1000}, (_, i) => i + 1));
  await cursor.close();
  const early = client.query(new Cursor('SELECT i FROM generate_series(1, 1000000) AS t(i)'));
  assert.equal((await early.read(10)).length, 10);
  await early.close();
  assert.equal((await client.query('SELECT 1 AS n')).rows[0].n, 1);
  const wrong = client.query(new Cursor('SELECT * FROM no_such_table'));
  await fails('42P01', () => wrong.read(1));
  assert.equal((await client.query('SELECT 2 AS n')).rows[0].n, 2);
});

check('query stream', async client => {
  const stream = client.query(
      new QueryStream('SELECT i, $1::text AS s FROM generate_series(1, 50000) AS t(i) ORDER BY i', ['x'], {batchSize: 700}));
  let count = 0, sum = 0;
  for await (const row of stream) {
    count++;
    sum += Number(row.i);
    assert.equal(row.s, 'x');
  }
  assert.deepEqual([count, sum], [50000, 50000 * 50001 / 2]);
  // The reader leaves in the middle; the connection goes on.
  for await (const row of client.query(new QueryStream('SELECT i FROM generate_series(1, 1000000) AS t(i)'))) {
    if (Number(row.i) > 10) break;
  }
  assert.equal((await client.query('SELECT 3 AS n')).rows[0].n, 3);
  await client.query('BEGIN');
  let rows = 0;
  for await (const row of client.query(new QueryStream('SELECT i FROM generate_series(1, 5000) AS t(i)', [], {batchSize: 10})))
    rows += row ? 1 : 0;
  await client.query('COMMIT');
  assert.equal(rows, 5000);
});

check('statement timeout', async () => {
  const client = new Client({statement_timeout: 500});
  await client.connect();
  try {
    await fails('57014', () => client.query(ENDLESS));
    assert.equal((await client.query('SHOW statement_timeout')).rows[0].statement_timeout, '500ms');
  } finally {
    await client.end();
  }
});

check('cancel', async client => {
  const running = client.query(ENDLESS);
  running.catch(() => {});  // It may fail before it is waited for.
  const pid = client.processID;
  const other = new Client();
  await other.connect();
  try {
    for (;;) {
      const seen = await other.query("SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND state = 'active' "
                                     + "AND now() - query_start > interval '200 milliseconds'", [pid]);
      if (seen.rowCount === 1) break;
    }
    assert.deepEqual((await other.query('SELECT pg_cancel_backend($1) AS done', [pid])).rows, [{done: true}]);
  } finally {
    await other.end();
  }
  await fails('57014', () => running);
  assert.equal((await client.query('SELECT 1 AS n')).rows[0].n, 1);
});

check('pool', async () => {
  const pool = new Pool({max: 4, application_name: 'node pool'});
  const sums = await Promise.all(Array.from({length: 40}, (_, i) =>
      pool.query("SELECT $1::int AS n, current_setting('application_name') AS name", [i])));
  assert.deepEqual(sums.map(result => result.rows[0].n), Array.from({length: 40}, (_, i) => i));
  assert.equal(sums[0].rows[0].name, 'node pool');
  const client = await pool.connect();
  await client.query('BEGIN');
  client.release(new Error('dropped in the middle of a transaction'));
  assert.equal((await pool.query('SELECT 1 AS n')).rows[0].n, 1);
  await pool.end();
});

check('large values', async client => {
  const large = 'x'.repeat(3000000);
  const {rows} = await client.query('SELECT $1::text AS s, length($1::text) AS n', [large]);
  assert.equal(rows[0].s, large);
});

(async () => {
  for (const [name, body] of checks) {
    const client = new Client();
    try {
      await client.connect();
      await body(client);
      console.log(`ok ${name}`);
    } catch (error) {
      const at = String(error.stack).split('\n').find(line => line.includes('node_postgres.js')) || '';
      console.log(`failed ${name}: ${String(error.message).replaceAll('\n', ' | ')} ${at.trim()}`);
    } finally {
      await client.end().catch(() => {});
    }
  }
})();
