// Checks of pgx and of database/sql over it: each prints "ok NAME" or "failed NAME: why". The argument is the address.
package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib"
)

var address string

const endless = "SELECT sum(a.i * b.i) FROM generate_series(1, 10000000) AS a(i), generate_series(1, 1000000) AS b(i)"

type failure struct{ error }

func must(err error) {
	if err != nil {
		panic(failure{err})
	}
}

func equal(expected, actual any) {
	if !reflect.DeepEqual(expected, actual) {
		panic(failure{fmt.Errorf("expected %#v, got %#v", expected, actual)})
	}
}

func fails(state string, err error) {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		panic(failure{fmt.Errorf("expected %s, got %v", state, err)})
	}
	equal(state, pg.Code)
}

func check(name string, body func(ctx context.Context, c *pgx.Conn)) {
	ctx, stop := context.WithTimeout(context.Background(), 60*time.Second)
	defer stop()
	defer func() {
		if thrown := recover(); thrown != nil {
			fmt.Printf("failed %s: %s\n", name, strings.ReplaceAll(fmt.Sprint(thrown), "\n", " | "))
		}
	}()
	c, err := pgx.Connect(ctx, address)
	must(err)
	defer c.Close(ctx)
	body(ctx, c)
	fmt.Println("ok " + name)
}

func one[T any](ctx context.Context, c *pgx.Conn, text string, arguments ...any) T {
	var value T
	must(c.QueryRow(ctx, text, arguments...).Scan(&value))
	return value
}

func numbers(ctx context.Context, c *pgx.Conn, text string, arguments ...any) []int64 {
	rows, err := c.Query(ctx, text, arguments...)
	must(err)
	all, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	must(err)
	return all
}

func types(mode pgx.QueryExecMode) func(ctx context.Context, c *pgx.Conn) {
	return func(ctx context.Context, c *pgx.Conn) {
		for range 3 {
			equal(int32(42), one[int32](ctx, c, "SELECT $1::int + 1", mode, int32(41)))
			equal(int64(1)<<40, one[int64](ctx, c, "SELECT $1::bigint", mode, int64(1)<<40))
			equal(int16(-7), one[int16](ctx, c, "SELECT $1::smallint", mode, int16(-7)))
			equal(0.1, one[float64](ctx, c, "SELECT $1::double precision", mode, 0.1))
			equal(true, one[bool](ctx, c, "SELECT $1::boolean", mode, true))
			equal("grüße \U0001F600", one[string](ctx, c, "SELECT $1::text", mode, "grüße \U0001F600"))
			equal((*string)(nil), one[*string](ctx, c, "SELECT $1::text", mode, (*string)(nil)))
			equal([]byte{0, 1, 255, '\\'}, one[[]byte](ctx, c, "SELECT $1::bytea", mode, []byte{0, 1, 255, '\\'}))
			at := time.Date(2024, 7, 1, 10, 0, 0, 123456000, time.UTC)
			equal(true, at.Equal(one[time.Time](ctx, c, "SELECT $1::timestamptz", mode, at)))
			equal(true, at.Equal(one[time.Time](ctx, c, "SELECT $1::timestamp", mode, at)))
			day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
			equal(true, day.Equal(one[time.Time](ctx, c, "SELECT $1::date", mode, day)))
			numeric := pgtype.Numeric{Int: big.NewInt(1234567890123456789), Exp: -2, Valid: true}
			got := one[pgtype.Numeric](ctx, c, "SELECT $1::numeric(20,2)", mode, numeric)
			equal("12345678901234567.89", text(got))
			uuid := pgtype.UUID{Bytes: [16]byte{0x0b, 0x8e, 0x5e, 0x3a, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, Valid: true}
			equal(uuid, one[pgtype.UUID](ctx, c, "SELECT $1::uuid", mode, uuid))
			equal([]int32{1, -3}, one[[]int32](ctx, c, "SELECT $1::int[]", mode, []int32{1, -3}))
			equal([]string{"a,b", "\"q\"", "NULL", ""},
				one[[]string](ctx, c, "SELECT $1::text[]", mode, []string{"a,b", "\"q\"", "NULL", ""}))
			interval := pgtype.Interval{Months: 1, Days: 2, Microseconds: 11045500000, Valid: true}
			equal(interval, one[pgtype.Interval](ctx, c, "SELECT $1::interval", mode, interval))
			clock := pgtype.Time{Microseconds: 86399123456, Valid: true}
			equal(clock, one[pgtype.Time](ctx, c, "SELECT $1::time", mode, clock))
			// Without a description it knows a map's type in no mode.
			json := one[map[string]any](ctx, c, "SELECT $1::json", mode, `{"a": 1.5}`)
			equal(map[string]any{"a": 1.5}, json)
		}
	}
}

func text(number pgtype.Numeric) string {
	value, err := number.Value()
	must(err)
	return value.(string)
}

func main() {
	address = os.Args[1]

	check("types", types(pgx.QueryExecModeCacheStatement))
	check("types, described each time", types(pgx.QueryExecModeDescribeExec))
	check("types, cached description", types(pgx.QueryExecModeCacheDescribe))
	check("types, one round", types(pgx.QueryExecModeExec))
	check("types, simple protocol", types(pgx.QueryExecModeSimpleProtocol))
	check("rows", func(ctx context.Context, c *pgx.Conn) {
		type person struct {
			Name string
			Age  *int32
		}
		rows, err := c.Query(ctx, "SELECT 'Ann' AS name, $1::int AS age UNION ALL SELECT 'Bob', NULL ORDER BY 1", 30)
		must(err)
		people, err := pgx.CollectRows(rows, pgx.RowToStructByName[person])
		must(err)
		equal(2, len(people))
		equal(int32(30), *people[0].Age)
		equal((*int32)(nil), people[1].Age)
		equal(20000, len(numbers(ctx, c, "SELECT i FROM generate_series(1, $1) AS t(i)", 20000)))
	})
	check("prepared statements", func(ctx context.Context, c *pgx.Conn) {
		description, err := c.Prepare(ctx, "mine", "SELECT $1::int AS a, $2::text AS b")
		must(err)
		equal([]uint32{pgtype.Int4OID, pgtype.TextOID}, description.ParamOIDs)
		equal("b", description.Fields[1].Name)
		for i := range 5 {
			var a int
			var b string
			must(c.QueryRow(ctx, "mine", i, "x").Scan(&a, &b))
			equal(i, a)
		}
		must(c.Deallocate(ctx, "mine"))
		_, err = c.Exec(ctx, "EXECUTE mine(1, 'x')")
		fails("26000", err)
	})
	check("statements follow a changed table", func(ctx context.Context, c *pgx.Conn) {
		_, err := c.Exec(ctx, "CREATE TEMP TABLE t (i bigint); INSERT INTO t VALUES (1)")
		must(err)
		equal([]int64{1}, numbers(ctx, c, "SELECT * FROM t"))
		_, err = c.Exec(ctx, "ALTER TABLE t ADD COLUMN s text")
		must(err)
		// As with PostgreSQL the first use says so, and forgets the statement.
		stale, err := c.Query(ctx, "SELECT * FROM t")
		must(err)
		stale.Close()
		fails("0A000", stale.Err())
		rows, err := c.Query(ctx, "SELECT * FROM t")
		must(err)
		equal(2, len(rows.FieldDescriptions()))
		rows.Close()
		must(rows.Err())
	})
	check("batch", func(ctx context.Context, c *pgx.Conn) {
		_, err := c.Exec(ctx, "CREATE TEMP TABLE t (i int PRIMARY KEY, s text)")
		must(err)
		batch := &pgx.Batch{}
		for i := range 300 {
			batch.Queue("INSERT INTO t VALUES ($1, $2)", i, fmt.Sprint("row ", i))
		}
		var count int64
		batch.Queue("SELECT count(*) FROM t").QueryRow(func(row pgx.Row) error { return row.Scan(&count) })
		must(c.SendBatch(ctx, batch).Close())
		equal(int64(300), count)
		// One that fails takes the whole batch back.
		failing := &pgx.Batch{}
		failing.Queue("INSERT INTO t VALUES (1000, 'a')")
		failing.Queue("INSERT INTO t VALUES (1, 'again')")
		fails("23505", c.SendBatch(ctx, failing).Close())
		equal(int64(300), one[int64](ctx, c, "SELECT count(*) FROM t"))
	})
	check("copy from", func(ctx context.Context, c *pgx.Conn) {
		_, err := c.Exec(ctx, "CREATE TEMP TABLE t (i int, s text, seen timestamptz, n numeric(10,2), tags text[])")
		must(err)
		at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
		count, err := c.CopyFrom(ctx, pgx.Identifier{"t"}, []string{"i", "s", "seen", "n", "tags"},
			pgx.CopyFromSlice(5000, func(i int) ([]any, error) {
				var s any
				if i%2 == 0 {
					s = fmt.Sprint("s", i)
				}
				return []any{i, s, at.Add(time.Duration(i) * time.Second), fmt.Sprintf("%d.25", i), []string{"a", "b"}}, nil
			}))
		must(err)
		equal(int64(5000), count)
		equal(int64(2500), one[int64](ctx, c, "SELECT count(s) FROM t"))
		equal("4999.25", text(one[pgtype.Numeric](ctx, c, "SELECT max(n) FROM t")))
		equal([]string{"a", "b"}, one[[]string](ctx, c, "SELECT tags FROM t WHERE i = 7"))
		var out bytes.Buffer
		tag, err := c.PgConn().CopyTo(ctx, &out, "COPY (SELECT i FROM t WHERE i < 3 ORDER BY i) TO STDOUT")
		must(err)
		equal(int64(3), tag.RowsAffected())
		equal("0\n1\n2\n", out.String())
	})
	check("transactions", func(ctx context.Context, c *pgx.Conn) {
		_, err := c.Exec(ctx, "CREATE TEMP TABLE t (i int)")
		must(err)
		must(pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO t VALUES (1)")
			must(err)
			nested, err := tx.Begin(ctx)
			must(err)
			_, err = nested.Exec(ctx, "SELECT * FROM no_such_table")
			fails("42P01", err)
			must(nested.Rollback(ctx))
			return nil
		}))
		equal(int64(1), one[int64](ctx, c, "SELECT count(*) FROM t"))
		tx, err := c.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
		must(err)
		_, err = tx.Exec(ctx, "CREATE TABLE never (i int)")
		fails("25006", err)
		equal(byte('E'), c.PgConn().TxStatus())
		must(tx.Rollback(ctx))
		equal(byte('I'), c.PgConn().TxStatus())
	})
	check("errors", func(ctx context.Context, c *pgx.Conn) {
		_, err := c.Exec(ctx, "SELEC 1")
		fails("42601", err)
		_, err = c.Exec(ctx, "SELECT 1 / $1::int", 0)
		fails("22012", err)
		_, err = c.Exec(ctx, "SELECT nope")
		fails("42703", err)
		equal(int32(1), one[int32](ctx, c, "SELECT 1"))
	})
	check("cancel by context", func(ctx context.Context, c *pgx.Conn) {
		short, stop := context.WithTimeout(ctx, 500*time.Millisecond)
		defer stop()
		_, err := c.Exec(short, endless)
		if err == nil || !errors.Is(err, context.DeadlineExceeded) {
			panic(failure{fmt.Errorf("expected the deadline, got %v", err)})
		}
	})
	check("cancel by request", func(ctx context.Context, c *pgx.Conn) {
		other, err := pgx.Connect(ctx, address)
		must(err)
		defer other.Close(ctx)
		done := make(chan error)
		go func() {
			_, err := c.Exec(ctx, endless)
			done <- err
		}()
		for one[int64](ctx, other, "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND state = 'active' "+
			"AND now() - query_start > interval '200 milliseconds'", c.PgConn().PID()) == 0 {
		}
		must(c.PgConn().CancelRequest(ctx))
		fails("57014", <-done)
		equal(int32(1), one[int32](ctx, c, "SELECT 1"))
	})
	check("enum and composite types", func(ctx context.Context, c *pgx.Conn) {
		_, err := c.Exec(ctx, "DROP TYPE IF EXISTS pgx_mood")
		must(err)
		_, err = c.Exec(ctx, "CREATE TYPE pgx_mood AS ENUM ('sad', 'happy')")
		must(err)
		loaded, err := c.LoadType(ctx, "pgx_mood")
		must(err)
		c.TypeMap().RegisterType(loaded)
		equal("happy", one[string](ctx, c, "SELECT $1::pgx_mood", "happy"))
		_, err = c.Exec(ctx, "DROP TYPE pgx_mood")
		must(err)
	})
	check("pool", func(ctx context.Context, c *pgx.Conn) {
		pool, err := pgxpool.New(ctx, address)
		must(err)
		defer pool.Close()
		done := make(chan error)
		for i := range 40 {
			go func() {
				var n int
				err := pool.QueryRow(ctx, "SELECT $1::int", i).Scan(&n)
				if err == nil && n != i {
					err = fmt.Errorf("%d is not %d", n, i)
				}
				done <- err
			}()
		}
		for range 40 {
			must(<-done)
		}
	})
	check("database/sql", func(ctx context.Context, c *pgx.Conn) {
		db, err := sql.Open("pgx", address)
		must(err)
		defer db.Close()
		tx, err := db.BeginTx(ctx, nil)
		must(err)
		_, err = tx.ExecContext(ctx, "CREATE TEMP TABLE t (i int, seen timestamptz)")
		must(err)
		statement, err := tx.PrepareContext(ctx, "INSERT INTO t VALUES ($1, $2)")
		must(err)
		for i := range 20 {
			result, err := statement.ExecContext(ctx, i, time.Now())
			must(err)
			count, err := result.RowsAffected()
			must(err)
			equal(int64(1), count)
		}
		rows, err := tx.QueryContext(ctx, "SELECT i, seen FROM t WHERE i >= $1", 5)
		must(err)
		columns, err := rows.ColumnTypes()
		must(err)
		equal("INT4", columns[0].DatabaseTypeName())
		count := 0
		for rows.Next() {
			var i int
			var at sql.NullTime
			must(rows.Scan(&i, &at))
			count++
		}
		must(rows.Err())
		equal(15, count)
		must(tx.Rollback())
	})
}
