// Checks of the Go ADBC driver: each prints "ok NAME" or "failed NAME: why". The argument is the address.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/apache/arrow-adbc/go/adbc"
	"github.com/apache/arrow-adbc/go/adbc/driver/flightsql"
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

var database adbc.Database

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

func check(name string, body func(ctx context.Context, c adbc.Connection)) {
	ctx, stop := context.WithTimeout(context.Background(), 60*time.Second)
	defer stop()
	defer func() {
		if thrown := recover(); thrown != nil {
			fmt.Printf("failed %s: %s\n", name, strings.ReplaceAll(fmt.Sprint(thrown), "\n", " | "))
		}
	}()
	c, err := database.Open(ctx)
	must(err)
	defer c.Close()
	body(ctx, c)
	fmt.Printf("ok %s\n", name)
}

func statement(c adbc.Connection, sql string) adbc.Statement {
	s, err := c.NewStatement()
	must(err)
	if sql != "" {
		must(s.SetSqlQuery(sql))
	}
	return s
}

// All values of the first column, as text.
func rows(ctx context.Context, c adbc.Connection, sql string) []string {
	s := statement(c, sql)
	defer s.Close()
	return read(ctx, s)
}

func read(ctx context.Context, s adbc.Statement) []string {
	reader, _, err := s.ExecuteQuery(ctx)
	must(err)
	defer reader.Release()
	found := []string{}
	for reader.Next() {
		column := reader.Record().Column(0)
		for i := 0; i < column.Len(); i++ {
			found = append(found, column.ValueStr(i))
		}
	}
	must(reader.Err())
	return found
}

func change(ctx context.Context, c adbc.Connection, sql string) int64 {
	s := statement(c, sql)
	defer s.Close()
	n, err := s.ExecuteUpdate(ctx)
	must(err)
	return n
}

func numbers(values ...int64) arrow.Record {
	schema := arrow.NewSchema([]arrow.Field{{Name: "i", Type: arrow.PrimitiveTypes.Int64, Nullable: true}}, nil)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	builder.Field(0).(*array.Int64Builder).AppendValues(values, nil)
	return builder.NewRecord()
}

func main() {
	var err error
	database, err = flightsql.NewDriver(memory.DefaultAllocator).NewDatabase(map[string]string{
		adbc.OptionKeyURI: os.Args[1], "adbc.flight.sql.rpc.call_header.x-skein-compression": "lz4",
		flightsql.OptionCookieMiddleware: adbc.OptionValueEnabled})
	must(err)

	check("a query", func(ctx context.Context, c adbc.Connection) {
		equal([]string{"0", "1", "2"}, rows(ctx, c, "SELECT range AS i FROM range(3)"))
	})
	check("a large result", func(ctx context.Context, c adbc.Connection) {
		found := rows(ctx, c, "SELECT range AS i FROM range(500000) ORDER BY 1")
		equal(500000, len(found))
		equal("499999", found[499999])
	})
	check("parameters of many rows", func(ctx context.Context, c adbc.Connection) {
		s := statement(c, "SELECT $1::BIGINT + 1")
		defer s.Close()
		must(s.Prepare(ctx))
		must(s.Bind(ctx, numbers(1, 2, 3)))
		equal([]string{"2", "3", "4"}, read(ctx, s))
	})
	check("changes happen once and count", func(ctx context.Context, c adbc.Connection) {
		change(ctx, c, "CREATE OR REPLACE TABLE go_counts (i BIGINT)")
		equal(int64(4), change(ctx, c, "INSERT INTO go_counts SELECT range FROM range(4)"))
		equal([]string{"4"}, rows(ctx, c, "SELECT count(*) FROM go_counts"))
		change(ctx, c, "DROP TABLE go_counts")
	})
	check("transactions roll back", func(ctx context.Context, c adbc.Connection) {
		change(ctx, c, "CREATE OR REPLACE TABLE go_kept (i BIGINT)")
		options := c.(adbc.PostInitOptions)
		must(options.SetOption(adbc.OptionKeyAutoCommit, adbc.OptionValueDisabled))
		change(ctx, c, "INSERT INTO go_kept VALUES (1)")
		must(c.Rollback(ctx))
		change(ctx, c, "INSERT INTO go_kept VALUES (2)")
		must(c.Commit(ctx))
		must(options.SetOption(adbc.OptionKeyAutoCommit, adbc.OptionValueEnabled))
		equal([]string{"2"}, rows(ctx, c, "SELECT i FROM go_kept"))
		change(ctx, c, "DROP TABLE go_kept")
	})
	check("catalogues, tables and columns", func(ctx context.Context, c adbc.Connection) {
		change(ctx, c, "CREATE OR REPLACE TABLE go_named (i BIGINT, s VARCHAR)")
		name := "go_named"
		reader, err := c.GetObjects(ctx, adbc.ObjectDepthAll, nil, nil, &name, nil, nil)
		must(err)
		text := ""
		for reader.Next() {
			text += fmt.Sprint(reader.Record())
		}
		must(reader.Err())
		reader.Release()
		if !strings.Contains(text, "go_named") || !strings.Contains(text, "public") {
			panic(failure{errors.New(text)})
		}
		schema, err := c.GetTableSchema(ctx, nil, nil, name)
		must(err)
		equal(2, schema.NumFields())
		equal("s", schema.Field(1).Name)
		types, err := c.GetTableTypes(ctx)
		must(err)
		types.Release()
		change(ctx, c, "DROP TABLE go_named")
	})
	check("errors name their SQLSTATE", func(ctx context.Context, c adbc.Connection) {
		s := statement(c, "SELECT * FROM there_is_none")
		defer s.Close()
		_, _, err := s.ExecuteQuery(ctx)
		var told adbc.Error
		equal(true, errors.As(err, &told))
		equal(true, strings.Contains(told.Msg, "SQLSTATE 42P01"))
		equal(adbc.StatusNotFound, told.Code)
	})
	check("a cancelled query ends", func(ctx context.Context, c adbc.Connection) {
		brief, stop := context.WithTimeout(ctx, 300*time.Millisecond)
		defer stop()
		s := statement(c, "SELECT sum(a.range * b.range) FROM range(10000000) a, range(1000000) b")
		defer s.Close()
		reader, _, err := s.ExecuteQuery(brief)
		if err == nil {
			for reader.Next() {
			}
			err = reader.Err()
			reader.Release()
		}
		equal(true, err != nil)
		equal([]string{"1"}, rows(ctx, c, "SELECT 1"))
	})
	check("session options", func(ctx context.Context, c adbc.Connection) {
		options := c.(adbc.PostInitOptions)
		must(options.SetOption("adbc.flight.sql.session.option.column_types", "plain"))
		s := statement(c, "SELECT '00112233-4455-6677-8899-aabbccddeeff'::UUID AS u")
		defer s.Close()
		reader, _, err := s.ExecuteQuery(ctx)
		must(err)
		defer reader.Release()
		equal(arrow.STRING, reader.Schema().Field(0).Type.ID())
	})
	check("types that only DuckDB has", func(ctx context.Context, c adbc.Connection) {
		s := statement(c, "SELECT '101'::BIT AS b, '[1]'::JSON AS j")
		defer s.Close()
		reader, _, err := s.ExecuteQuery(ctx)
		must(err)
		defer reader.Release()
		equal(true, reader.Next())
		batch := reader.Record()
		equal("101", batch.Column(0).ValueStr(0))
	})
}
