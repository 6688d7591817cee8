import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.*;
import java.sql.Date;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.*;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.util.PSQLException;

/** Checks of one driver: each prints "ok NAME" or "failed NAME: why". The argument is the JDBC address. */
public class PgJdbc {
  interface Body {
    void run(Connection connection) throws Exception;
  }

  static String url;

  static void check(String name, Body body) {
    check(name, "", body);
  }

  static void check(String name, String options, Body body) {
    try (Connection connection = DriverManager.getConnection(url + options)) {
      body.run(connection);
      System.out.println("ok " + name);
    } catch (Throwable thrown) {
      StackTraceElement at = Arrays.stream(thrown.getStackTrace())
          .filter(frame -> frame.getClassName().startsWith("PgJdbc") && !frame.getMethodName().equals("equal"))
          .findFirst().orElse(thrown.getStackTrace()[0]);
      System.out.println("failed " + name + ": " + String.valueOf(thrown).replace("\n", " | ") + " at line "
          + at.getLineNumber());
    }
    System.out.flush();
  }

  static void equal(Object expected, Object actual) {
    if (!Objects.equals(expected, actual)) throw new AssertionError("expected " + expected + ", got " + actual);
  }

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static Object one(Connection connection, String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) statement.setObject(i + 1, parameters[i]);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getObject(1);
      }
    }
  }

  /** The named columns of all rows, as text. */
  static List<List<String>> rows(ResultSet rows, String... columns) throws SQLException {
    List<List<String>> all = new ArrayList<>();
    while (rows.next()) {
      List<String> row = new ArrayList<>();
      for (String column : columns) row.add(rows.getString(column));
      all.add(row);
    }
    rows.close();
    return all;
  }

  interface Action {
    void run() throws SQLException;
  }

  static void fails(String state, Action action) {
    try {
      action.run();
    } catch (SQLException e) {
      equal(state, e.getSQLState());
      return;
    }
    throw new AssertionError("no error, expected " + state);
  }

  static void types(Connection c) throws Exception {
    UUID uuid = UUID.fromString("0b8e5e3a-1c1e-4d5b-9f0a-9d5b7c6a1e2f");
    // Ten times: from the prepareThreshold on values are binary.
    for (int i = 0; i < 10; i++) {
      equal(42, one(c, "SELECT ?::int + 1", 41));
      equal(1L << 40, one(c, "SELECT ?::bigint", 1L << 40));
      equal(-7, one(c, "SELECT ?::smallint", -7));
      equal(0.1, one(c, "SELECT ?::double precision", 0.1));
      equal(1.5f, one(c, "SELECT ?::real", 1.5f));
      equal(true, one(c, "SELECT ?::boolean", true));
      equal(new BigDecimal("12345678901234567.89"),
          one(c, "SELECT ?::numeric(20,2)", new BigDecimal("12345678901234567.89")));
      equal(new BigDecimal("-0.001"), one(c, "SELECT ?::numeric(10,3)", new BigDecimal("-0.001")));
      equal("grüße \uD83D\uDE00 '\"", one(c, "SELECT ?::text", "grüße \uD83D\uDE00 '\""));
      equal("", one(c, "SELECT ?::text", ""));
      equal(null, one(c, "SELECT ?::text", (Object) null));
      equal(uuid, one(c, "SELECT ?::uuid", uuid));
      try (PreparedStatement s = c.prepareStatement(
               "SELECT ?::date, ?::time, ?::timestamp, ?::timestamptz, ?::bytea, ?::interval, ?::json")) {
        LocalDate date = LocalDate.of(2024, 2, 29);
        LocalTime time = LocalTime.of(23, 59, 59, 123456000);
        LocalDateTime timestamp = LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999999000);
        OffsetDateTime instant = OffsetDateTime.of(2024, 7, 1, 12, 0, 0, 0, ZoneOffset.ofHours(2));
        byte[] bytes = {0, 1, (byte) 0xff, '\\'};
        s.setObject(1, date);
        s.setObject(2, time);
        s.setObject(3, timestamp);
        s.setObject(4, instant);
        s.setBytes(5, bytes);
        s.setString(6, "1 mon 2 days 03:04:05.5");
        s.setString(7, "{\"a\": [1, null]}");
        try (ResultSet r = s.executeQuery()) {
          r.next();
          equal(date, r.getObject(1, LocalDate.class));
          equal(Date.valueOf(date), r.getDate(1));
          equal(time, r.getObject(2, LocalTime.class));
          equal(timestamp, r.getObject(3, LocalDateTime.class));
          equal(instant.toInstant(), r.getObject(4, OffsetDateTime.class).toInstant());
          equal(Timestamp.from(instant.toInstant()), r.getTimestamp(4));
          equal(true, Arrays.equals(bytes, r.getBytes(5)));
          equal("0 years 1 mons 2 days 3 hours 4 mins 5.5 secs", r.getObject(6).toString());
          equal("{\"a\": [1, null]}", r.getString(7));
        }
      }
      try (PreparedStatement s = c.prepareStatement("SELECT ?::int[], ?::text[], ?::numeric(6,2)[], ?::uuid[]")) {
        s.setArray(1, c.createArrayOf("int4", new Integer[] {1, null, -3}));
        s.setArray(2, c.createArrayOf("text", new String[] {"a,b", "\"q\"", null, "NULL", ""}));
        s.setArray(3, c.createArrayOf("numeric", new BigDecimal[] {new BigDecimal("1.50")}));
        s.setArray(4, c.createArrayOf("uuid", new UUID[] {uuid}));
        try (ResultSet r = s.executeQuery()) {
          r.next();
          equal(Arrays.asList(1, null, -3), Arrays.asList((Object[]) r.getArray(1).getArray()));
          equal(Arrays.asList("a,b", "\"q\"", null, "NULL", ""), Arrays.asList((Object[]) r.getArray(2).getArray()));
          equal(Arrays.asList(new BigDecimal("1.50")), Arrays.asList((Object[]) r.getArray(3).getArray()));
          equal(Arrays.asList(uuid), Arrays.asList((Object[]) r.getArray(4).getArray()));
          equal("_int4", r.getMetaData().getColumnTypeName(1));
          equal(Types.ARRAY, r.getMetaData().getColumnType(1));
        }
      }
    }
  }

  static final String SCHEMA = "jdbc_shop";

  public static void main(String[] arguments) throws Exception {
    url = arguments[0];
    try (Connection c = DriverManager.getConnection(url)) {
      execute(c, "DROP SCHEMA IF EXISTS jdbc_shop CASCADE");
      execute(c, "CREATE SCHEMA jdbc_shop");
      execute(c, "CREATE TABLE jdbc_shop.dept (id integer PRIMARY KEY, name varchar(40) NOT NULL UNIQUE, "
          + "budget numeric(12,2) DEFAULT 0)");
      execute(c, "CREATE TABLE jdbc_shop.emp (id bigint, seq smallint, dept_id integer REFERENCES jdbc_shop.dept(id), "
          + "salary double precision, hired date, seen timestamptz, tags text[], u uuid, PRIMARY KEY (id, seq))");
      execute(c, "CREATE INDEX emp_hired ON jdbc_shop.emp (hired)");
      execute(c, "CREATE VIEW jdbc_shop.names AS SELECT name FROM jdbc_shop.dept");
      execute(c, "COMMENT ON TABLE jdbc_shop.emp IS 'who works here'");
      execute(c, "COMMENT ON COLUMN jdbc_shop.emp.salary IS 'a year'");
    }

    check("connection", c -> {
      DatabaseMetaData m = c.getMetaData();
      equal("PostgreSQL", m.getDatabaseProductName());
      equal(15, m.getDatabaseMajorVersion());
      equal(one(c, "SELECT current_database()"), c.getCatalog());
      equal("tester", m.getUserName());
      equal(true, c.isValid(10));
      equal(false, c.isReadOnly());
      equal(true, m.supportsTransactions());
      c.setSchema(SCHEMA);
      equal(SCHEMA, c.getSchema());
      equal(0L, one(c, "SELECT count(*) FROM dept"));
      equal(63, m.getMaxColumnNameLength());
    });
    check("tables", c -> {
      DatabaseMetaData m = c.getMetaData();
      equal(List.of(List.of("dept", "TABLE"), List.of("emp", "TABLE")),
          rows(m.getTables(null, SCHEMA, "%", new String[] {"TABLE"}), "TABLE_NAME", "TABLE_TYPE"));
      equal(List.of(List.of("names", "VIEW")),
          rows(m.getTables(null, SCHEMA, "%", new String[] {"VIEW"}), "TABLE_NAME", "TABLE_TYPE"));
      equal(List.of(List.of(c.getCatalog(), SCHEMA, "who works here")),
          rows(m.getTables(c.getCatalog(), "jdbc\\_shop", "em_", null), "TABLE_CAT", "TABLE_SCHEM", "REMARKS"));
      equal(true, rows(m.getTables(null, "pg_catalog", "pg_class", null), "TABLE_TYPE")
          .equals(List.of(List.of("SYSTEM TABLE"))));
      equal(true, rows(m.getSchemas(), "TABLE_SCHEM").containsAll(
          List.of(List.of("public"), List.of(SCHEMA), List.of("pg_catalog"), List.of("information_schema"))));
      equal(List.of(List.of(SCHEMA)), rows(m.getSchemas(null, "jdbc%"), "TABLE_SCHEM"));
      equal(true, rows(m.getCatalogs(), "TABLE_CAT").contains(List.of(c.getCatalog())));
      equal(true, rows(m.getTableTypes(), "TABLE_TYPE").contains(List.of("PARTITIONED TABLE")));
    });
    check("columns", c -> {
      DatabaseMetaData m = c.getMetaData();
      equal(List.of(
          List.of("id", "-5", "int8", "NO", "1"), List.of("seq", "5", "int2", "NO", "2"),
          List.of("dept_id", "4", "int4", "YES", "3"), List.of("salary", "8", "float8", "YES", "4"),
          List.of("hired", "91", "date", "YES", "5"), List.of("seen", "93", "timestamptz", "YES", "6"),
          List.of("tags", "2003", "_text", "YES", "7"), List.of("u", "1111", "uuid", "YES", "8")),
          rows(m.getColumns(null, SCHEMA, "emp", null), "COLUMN_NAME", "DATA_TYPE", "TYPE_NAME", "IS_NULLABLE",
              "ORDINAL_POSITION"));
      try (ResultSet r = m.getColumns(null, SCHEMA, "dept", "budget")) {
        equal(true, r.next());
        equal(Types.NUMERIC, r.getInt("DATA_TYPE"));
        equal(12, r.getInt("COLUMN_SIZE"));
        equal(2, r.getInt("DECIMAL_DIGITS"));
        equal(true, r.getString("COLUMN_DEF").contains("0"));
        equal(false, r.next());
      }
      equal(List.of(List.of("a year")), rows(m.getColumns(null, SCHEMA, "emp", "salary"), "REMARKS"));
      equal(List.of(), rows(m.getColumns(null, SCHEMA, "none", null), "COLUMN_NAME"));
    });
    check("keys and indexes", c -> {
      DatabaseMetaData m = c.getMetaData();
      equal(List.of(List.of("id", "1"), List.of("seq", "2")),
          rows(m.getPrimaryKeys(null, SCHEMA, "emp"), "COLUMN_NAME", "KEY_SEQ"));
      List<List<String>> key = List.of(List.of("dept", "id", "emp", "dept_id", "1"));
      String[] columns = {"PKTABLE_NAME", "PKCOLUMN_NAME", "FKTABLE_NAME", "FKCOLUMN_NAME", "KEY_SEQ"};
      equal(key, rows(m.getImportedKeys(null, SCHEMA, "emp"), columns));
      equal(key, rows(m.getExportedKeys(null, SCHEMA, "dept"), columns));
      equal(key, rows(m.getCrossReference(null, SCHEMA, "dept", null, SCHEMA, "emp"), columns));
      equal(List.of(), rows(m.getImportedKeys(null, SCHEMA, "dept"), columns));
      List<List<String>> indexes =
          rows(m.getIndexInfo(null, SCHEMA, "emp", false, true), "INDEX_NAME", "COLUMN_NAME", "NON_UNIQUE");
      equal(true, indexes.contains(List.of("emp_hired", "hired", "t")));
      equal(true, indexes.contains(List.of("emp_pkey", "seq", "f")));
      equal(List.of(List.of("id"), List.of("seq")),
          rows(m.getBestRowIdentifier(null, SCHEMA, "emp", DatabaseMetaData.bestRowSession, true), "COLUMN_NAME"));
    });
    check("other metadata", c -> {
      DatabaseMetaData m = c.getMetaData();
      Set<String> types = rows(m.getTypeInfo(), "TYPE_NAME").stream().map(r -> r.get(0)).collect(Collectors.toSet());
      equal(true, types.containsAll(
          List.of("int4", "int8", "text", "numeric", "timestamptz", "uuid", "bool", "bytea", "_int4", "jsonb")));
      equal(true, rows(m.getFunctions(null, "pg_catalog", "lower"), "FUNCTION_NAME").contains(List.of("lower")));
      rows(m.getProcedures(null, null, "%"), "PROCEDURE_NAME");
      rows(m.getFunctionColumns(null, "pg_catalog", "lower", null), "COLUMN_NAME");
      rows(m.getTablePrivileges(null, SCHEMA, "emp"), "GRANTEE");
      rows(m.getColumnPrivileges(null, SCHEMA, "emp", "id"), "GRANTEE");
      rows(m.getUDTs(null, SCHEMA, "%", null), "TYPE_NAME");
      rows(m.getVersionColumns(null, SCHEMA, "emp"), "COLUMN_NAME");
      rows(m.getClientInfoProperties(), "NAME");
      equal(true, m.getSQLKeywords().length() > 100);
      equal(true, m.getNumericFunctions().contains("abs"));
      equal(true, m.getMaxConnections() >= 0);
      equal("read committed or stricter",
          m.getDefaultTransactionIsolation() >= Connection.TRANSACTION_READ_COMMITTED ? "read committed or stricter" : "");
    });
    check("result metadata", c -> {
      try (PreparedStatement s = c.prepareStatement(
               "SELECT e.id, e.salary, d.name AS dept FROM jdbc_shop.emp e JOIN jdbc_shop.dept d ON d.id = e.dept_id "
               + "WHERE e.id = ? AND d.budget > ?")) {
        ResultSetMetaData m = s.getMetaData();
        equal(3, m.getColumnCount());
        equal("int8", m.getColumnTypeName(1));
        equal("dept", m.getColumnLabel(3));
        equal(String.class.getName(), m.getColumnClassName(3));
        ParameterMetaData p = s.getParameterMetaData();
        equal(2, p.getParameterCount());
        equal(Types.BIGINT, p.getParameterType(1));
        equal(Types.NUMERIC, p.getParameterType(2));
      }
    });
    check("types", PgJdbc::types);
    check("types, binary from the first time", "&prepareThreshold=1", PgJdbc::types);
    check("types, never named", "&prepareThreshold=0", PgJdbc::types);
    check("types, simple protocol", "&preferQueryMode=simple", PgJdbc::types);
    check("types, binary transfer off", "&binaryTransfer=false", PgJdbc::types);
    check("insert and read back", c -> {
      execute(c, "CREATE TEMP TABLE t (i int, s text, n numeric(10,2), d date, ts timestamp, b bytea)");
      try (PreparedStatement s = c.prepareStatement("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)")) {
        for (int i = 0; i < 20; i++) {
          s.setInt(1, i);
          if (i % 2 == 0) s.setString(2, "s" + i); else s.setNull(2, Types.VARCHAR);
          s.setBigDecimal(3, new BigDecimal(i + ".25"));
          s.setDate(4, Date.valueOf(LocalDate.of(2024, 1, 1).plusDays(i)));
          s.setTimestamp(5, Timestamp.valueOf(LocalDateTime.of(2024, 1, 1, i, 0)));
          s.setBytes(6, new byte[] {(byte) i});
          equal(1, s.executeUpdate());
        }
      }
      try (Statement s = c.createStatement();
           ResultSet r = s.executeQuery("SELECT * FROM t ORDER BY i")) {
        for (int i = 0; i < 20; i++) {
          equal(true, r.next());
          equal(i, r.getInt("i"));
          equal(i % 2 == 0 ? "s" + i : null, r.getString("s"));
          equal(new BigDecimal(i + ".25"), r.getBigDecimal("n"));
          equal(LocalDate.of(2024, 1, 1).plusDays(i), r.getDate("d").toLocalDate());
          equal(LocalDateTime.of(2024, 1, 1, i, 0), r.getTimestamp("ts").toLocalDateTime());
          equal((byte) i, r.getBytes("b")[0]);
        }
        equal(false, r.next());
      }
      try (Statement s = c.createStatement()) {
        equal(10, s.executeUpdate("UPDATE t SET s = 'x' WHERE s IS NULL"));
        equal(20, s.executeUpdate("DELETE FROM t"));
      }
    });
    check("generated keys", c -> {
      execute(c, "CREATE SEQUENCE IF NOT EXISTS jdbc_shop.ids");
      execute(c, "CREATE TEMP TABLE g (id bigint DEFAULT nextval('jdbc_shop.ids'), s text)");
      try (PreparedStatement s = c.prepareStatement("INSERT INTO g (s) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
        s.setString(1, "a");
        equal(1, s.executeUpdate());
        try (ResultSet r = s.getGeneratedKeys()) {
          equal(true, r.next());
          equal(one(c, "SELECT max(id) FROM g"), r.getLong("id"));
        }
      }
      try (PreparedStatement s = c.prepareStatement("INSERT INTO g (s) VALUES (?)", new String[] {"id"})) {
        for (String text : List.of("b", "c")) {
          s.setString(1, text);
          s.addBatch();
        }
        equal(2, s.executeBatch().length);
        equal(2, rows(s.getGeneratedKeys(), "id").size());
      }
    });
    check("batch", c -> {
      execute(c, "CREATE TEMP TABLE b (i int PRIMARY KEY, s text)");
      c.setAutoCommit(false);
      try (PreparedStatement s = c.prepareStatement("INSERT INTO b VALUES (?, ?)")) {
        for (int i = 0; i < 3000; i++) {
          s.setInt(1, i);
          s.setString(2, "row " + i);
          s.addBatch();
        }
        equal(3000, Arrays.stream(s.executeBatch()).sum());
      }
      c.commit();
      equal(3000L, one(c, "SELECT count(*) FROM b"));
      try (PreparedStatement s = c.prepareStatement("INSERT INTO b VALUES (?, 'again')")) {
        for (int i : new int[] {5000, 1, 5001}) {
          s.setInt(1, i);
          s.addBatch();
        }
        try {
          s.executeBatch();
          throw new AssertionError("the key was there twice");
        } catch (BatchUpdateException e) {
          equal("23505", e.getSQLState());
        }
      }
      c.rollback();
      equal(3000L, one(c, "SELECT count(*) FROM b"));
      try (Statement s = c.createStatement()) {
        s.addBatch("DELETE FROM b WHERE i < 1000");
        s.addBatch("UPDATE b SET s = 'y' WHERE i < 1500");
        equal(List.of(1000, 500), Arrays.stream(s.executeBatch()).boxed().collect(Collectors.toList()));
      }
      c.rollback();
    });
    check("batch rewritten to many rows", "&reWriteBatchedInserts=true", c -> {
      execute(c, "CREATE TEMP TABLE b (i int, s text)");
      try (PreparedStatement s = c.prepareStatement("INSERT INTO b VALUES (?, ?)")) {
        for (int i = 0; i < 1000; i++) {
          s.setInt(1, i);
          s.setString(2, "row " + i);
          s.addBatch();
        }
        equal(1000, s.executeBatch().length);
      }
      equal(1000L, one(c, "SELECT count(DISTINCT i) FROM b"));
    });
    check("fetch size", c -> {
      c.setAutoCommit(false);
      for (int size : new int[] {1, 100, 70000}) {
        try (PreparedStatement s = c.prepareStatement("SELECT i FROM generate_series(1, ?) AS t(i) ORDER BY i")) {
          int count = size == 1 ? 50 : 20000;
          s.setInt(1, count);
          s.setFetchSize(size);
          long sum = 0;
          try (ResultSet r = s.executeQuery()) {
            while (r.next()) {
              sum += r.getLong(1);
              if (size == 100 && r.getRow() == 150) equal(7, one(c, "SELECT 7"));
            }
          }
          equal((long) count * (count + 1) / 2, sum);
        }
      }
      try (Statement s = c.createStatement()) {
        s.setFetchSize(10);
        s.setMaxRows(25);
        equal(25, rows(s.executeQuery("SELECT i FROM generate_series(1, 1000) AS t(i)"), "i").size());
      }
      c.commit();
    });
    check("scrollable results", c -> {
      try (Statement s = c.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY);
           ResultSet r = s.executeQuery("SELECT i FROM generate_series(1, 10) AS t(i) ORDER BY i")) {
        equal(true, r.last());
        equal(10, r.getInt(1));
        equal(true, r.absolute(3));
        equal(3, r.getInt("i"));
        equal(true, r.previous());
        equal(2, r.getInt(1));
      }
    });
    check("transactions", c -> {
      execute(c, "CREATE TEMP TABLE t (i int)");
      c.setAutoCommit(false);
      execute(c, "INSERT INTO t VALUES (1)");
      c.rollback();
      equal(0L, one(c, "SELECT count(*) FROM t"));
      execute(c, "INSERT INTO t VALUES (2)");
      Savepoint mark = c.setSavepoint();
      fails("42P01", () -> execute(c, "SELECT * FROM no_such_table"));
      fails("25P02", () -> execute(c, "SELECT 1"));
      c.rollback(mark);
      c.commit();
      equal(1L, one(c, "SELECT count(*) FROM t"));
      c.commit();
      c.setReadOnly(true);
      fails("25006", () -> execute(c, "CREATE TABLE never (i int)"));
      c.rollback();
      c.setReadOnly(false);
      for (int level : new int[] {Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_REPEATABLE_READ,
               Connection.TRANSACTION_SERIALIZABLE}) {
        c.setTransactionIsolation(level);
        equal(1L, one(c, "SELECT count(*) FROM t"));
        c.commit();
      }
    });
    check("statements follow a changed table", c -> {
      execute(c, "CREATE TEMP TABLE t (i int)");
      try (PreparedStatement s = c.prepareStatement("SELECT * FROM t")) {
        for (int i = 0; i < 8; i++) s.executeQuery().close();
        execute(c, "ALTER TABLE t ADD COLUMN j text");
        try (ResultSet r = s.executeQuery()) {
          equal(2, r.getMetaData().getColumnCount());
        }
      }
    });
    check("copy", c -> {
      execute(c, "CREATE TEMP TABLE t (i int, s text)");
      CopyManager copy = c.unwrap(PGConnection.class).getCopyAPI();
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 5000; i++) text.append(i).append('\t').append(i % 7 == 0 ? "\\N" : "ta\\tb" + i).append('\n');
      equal(5000L, copy.copyIn("COPY t FROM STDIN", new StringReader(text.toString())));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      equal(5000L, copy.copyOut("COPY (SELECT * FROM t ORDER BY i) TO STDOUT", out));
      equal(text.toString(), out.toString(StandardCharsets.UTF_8));
      ByteArrayOutputStream binary = new ByteArrayOutputStream();
      equal(5000L, copy.copyOut("COPY t TO STDOUT (FORMAT binary)", binary));
      execute(c, "DELETE FROM t");
      equal(5000L, copy.copyIn("COPY t FROM STDIN (FORMAT binary)", new ByteArrayInputStream(binary.toByteArray())));
      equal(5000L, one(c, "SELECT count(*) FROM t"));
      fails("22P02", () -> {
        try {
          copy.copyIn("COPY t FROM STDIN (FORMAT csv)", new StringReader("1,a\nx,b\n"));
        } catch (java.io.IOException e) {
          throw new IllegalStateException(e);
        }
      });
      equal(5000L, one(c, "SELECT count(*) FROM t"));
    });
    check("cancel", c -> {
      try (Statement s = c.createStatement()) {
        Thread other = new Thread(() -> {
          try (Connection watcher = DriverManager.getConnection(url)) {
            // A request that comes between the statement's messages would find nothing to cancel.
            while ((Long) one(watcher, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' "
                + "AND now() - query_start > interval '200 milliseconds' AND query LIKE "
                + "'SELECT sum(a.i * b.i) /* jdbc */%'") == 0) Thread.sleep(5);
            s.cancel();
          } catch (Exception e) {
            System.out.println("the watcher failed: " + e);
          }
        });
        other.start();
        fails("57014", () -> s.executeQuery("SELECT sum(a.i * b.i) /* jdbc */ FROM generate_series(1, 10000000) AS a(i), "
            + "generate_series(1, 1000000) AS b(i)"));
        other.join();
        equal(1, one(c, "SELECT 1"));
      }
    });
    check("query timeout", c -> {
      try (Statement s = c.createStatement()) {
        s.setQueryTimeout(1);
        fails("57014", () -> s.executeQuery("SELECT sum(a.i * b.i) FROM generate_series(1, 10000000) AS a(i), "
            + "generate_series(1, 1000000) AS b(i)"));
        equal(1, one(c, "SELECT 1"));
      }
    });
    check("errors", c -> {
      fails("42601", () -> execute(c, "SELEC 1"));
      fails("42703", () -> execute(c, "SELECT nope FROM jdbc_shop.dept"));
      fails("22012", () -> execute(c, "SELECT 1 / 0"));
      fails("22P02", () -> one(c, "SELECT ?::int", "abc"));
      try {
        execute(c, "SELECT nope\nFROM jdbc_shop.dept");
      } catch (PSQLException e) {
        equal(8, e.getServerErrorMessage().getPosition());
      }
      execute(c, "CREATE TEMP TABLE t (i int PRIMARY KEY)");
      execute(c, "INSERT INTO t VALUES (1)");
      fails("23505", () -> execute(c, "INSERT INTO t VALUES (1)"));
      equal(1, one(c, "SELECT 1"));
    });
    check("several statements at once", c -> {
      try (Statement s = c.createStatement()) {
        equal(true, s.execute("SELECT 1; CREATE TEMP TABLE t (i int); INSERT INTO t VALUES (1), (2); SELECT * FROM t"));
        equal(false, s.getMoreResults());
        equal(0, s.getUpdateCount());
        equal(false, s.getMoreResults());
        equal(2, s.getUpdateCount());
        equal(true, s.getMoreResults());
        equal(2, rows(s.getResultSet(), "i").size());
      }
    });
    check("many columns and large values", c -> {
      String wide = java.util.stream.IntStream.range(0, 1000).mapToObj(i -> i + " AS c" + i)
          .collect(Collectors.joining(", "));
      try (Statement s = c.createStatement(); ResultSet r = s.executeQuery("SELECT " + wide)) {
        r.next();
        equal(999, r.getInt("c999"));
      }
      String large = "x".repeat(5_000_000);
      equal(large, one(c, "SELECT ?::text", large));
    });
    execute(DriverManager.getConnection(url), "DROP SCHEMA jdbc_shop CASCADE");
  }
}
