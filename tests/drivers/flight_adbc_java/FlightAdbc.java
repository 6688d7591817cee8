import java.util.*;
import org.apache.arrow.adbc.core.*;
import org.apache.arrow.adbc.driver.flightsql.FlightSqlDriver;
import org.apache.arrow.adbc.sql.SqlQuirks;
import org.apache.arrow.memory.*;
import org.apache.arrow.vector.*;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.*;

/** Checks of one driver: each prints "ok NAME" or "failed NAME: why". The argument is the server's address. */
public class FlightAdbc {
  interface Body {
    void run(AdbcConnection connection) throws Exception;
  }

  static String uri;
  static final BufferAllocator allocator = new RootAllocator();

  static void check(String name, Body body) {
    Map<String, Object> parameters = new HashMap<>();
    AdbcDriver.PARAM_URI.set(parameters, uri);
    parameters.put(AdbcDriver.PARAM_SQL_QUIRKS, SqlQuirks.builder()
        .arrowToSqlTypeNameMapping(type -> type instanceof ArrowType.Utf8 ? "VARCHAR" : SqlQuirks.DEFAULT_ARROW_TYPE_TO_SQL_TYPE_NAME_MAPPING.apply(type))
        .build());
    try (AdbcDatabase database = new FlightSqlDriver(allocator).open(parameters); AdbcConnection connection = database.connect()) {
      body.run(connection);
      System.out.println("ok " + name);
    } catch (Throwable thrown) {
      StackTraceElement at = Arrays.stream(thrown.getStackTrace())
          .filter(frame -> frame.getClassName().startsWith("FlightAdbc") && !frame.getMethodName().equals("equal"))
          .findFirst().orElse(null);
      System.out.println("failed " + name + ": " + String.valueOf(thrown).replace("\n", " | ") + " at " + at);
    }
    System.out.flush();
  }

  static void equal(Object expected, Object actual) {
    if (!Objects.equals(expected, actual)) throw new AssertionError("expected " + expected + ", got " + actual);
  }

  /** All rows, each a list of what getObject gives, texts as String. */
  static List<List<Object>> rows(ArrowReader reader) throws Exception {
    List<List<Object>> all = new ArrayList<>();
    VectorSchemaRoot root = reader.getVectorSchemaRoot();
    while (reader.loadNextBatch()) {
      for (int row = 0; row < root.getRowCount(); ++row) {
        List<Object> values = new ArrayList<>();
        for (FieldVector vector : root.getFieldVectors()) {
          Object value = vector.getObject(row);
          values.add(value instanceof org.apache.arrow.vector.util.Text ? value.toString() : value);
        }
        all.add(values);
      }
    }
    return all;
  }

  static List<List<Object>> ask(AdbcConnection connection, String sql) throws Exception {
    try (AdbcStatement statement = connection.createStatement()) {
      statement.setSqlQuery(sql);
      try (AdbcStatement.QueryResult result = statement.executeQuery()) {
        return rows(result.getReader());
      }
    }
  }

  static long change(AdbcConnection connection, String sql) throws Exception {
    try (AdbcStatement statement = connection.createStatement()) {
      statement.setSqlQuery(sql);
      return statement.executeUpdate().getAffectedRows();
    }
  }

  static AdbcException refused(AdbcConnection connection, String sql) throws Exception {
    try {
      ask(connection, sql);
    } catch (AdbcException expected) {
      return expected;
    }
    throw new AssertionError("it was not refused");
  }

  static VectorSchemaRoot tenRows() {
    BigIntVector numbers = new BigIntVector("i", allocator);
    VarCharVector names = new VarCharVector("s", allocator);
    for (int i = 0; i < 10; ++i) {
      numbers.setSafe(i, i);
      if (i == 3) names.setNull(i); else names.setSafe(i, ("grüße " + i).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    VectorSchemaRoot root = VectorSchemaRoot.of(numbers, names);
    root.setRowCount(10);
    return root;
  }

  public static void main(String[] arguments) {
    uri = arguments[0];
    check("a query and its columns", connection -> {
      try (AdbcStatement statement = connection.createStatement()) {
        statement.setSqlQuery("SELECT 1 AS i, 'grüße' AS s, NULL::DOUBLE AS d, 9007199254740993::BIGINT AS l");
        try (AdbcStatement.QueryResult result = statement.executeQuery()) {
          ArrowReader reader = result.getReader();
          equal(List.of("i", "s", "d", "l"), reader.getVectorSchemaRoot().getSchema().getFields().stream().map(Field::getName).toList());
          equal(List.of(Arrays.asList(1, "grüße", null, 9007199254740993L)), rows(reader));
        }
      }
    });
    check("a large result in several endpoints", connection -> {
      try (AdbcStatement statement = connection.createStatement()) {
        statement.setSqlQuery("SELECT range AS i, repeat('x', 200) AS s FROM range(1000000) ORDER BY i");
        try (AdbcStatement.QueryResult result = statement.executeQuery()) {
          long next = 0;
          ArrowReader reader = result.getReader();
          while (reader.loadNextBatch()) {
            BigIntVector numbers = (BigIntVector) reader.getVectorSchemaRoot().getVector("i");
            for (int row = 0; row < numbers.getValueCount(); ++row) equal(next++, numbers.get(row));
          }
          equal(1000000L, next);
        }
      }
    });
    check("an empty result", connection -> equal(List.of(), ask(connection, "SELECT 1 AS i WHERE false")));
    check("statements that change, exactly once", connection -> {
      change(connection, "CREATE TEMP TABLE changed (i INTEGER)");
      equal(3L, change(connection, "INSERT INTO changed VALUES (1), (2), (3)"));
      equal(1L, change(connection, "DELETE FROM changed WHERE i = 2"));
      equal(List.of(List.of(4L)), ask(connection, "SELECT sum(i)::BIGINT FROM changed"));
    });
    check("parameters of many rows", connection -> {
      change(connection, "CREATE TEMP TABLE bound (i BIGINT, s VARCHAR)");
      try (AdbcStatement statement = connection.createStatement(); VectorSchemaRoot root = tenRows()) {
        statement.setSqlQuery("INSERT INTO bound VALUES (?, ?)");
        statement.prepare();
        statement.bind(root);
        equal(10L, statement.executeUpdate().getAffectedRows());
      }
      equal(List.of(List.of(10L, 9L)), ask(connection, "SELECT count(*), count(s) FROM bound"));
      equal(List.of(List.of("grüße 9")), ask(connection, "SELECT s FROM bound WHERE i = 9"));
    });
    check("the types of parameters", connection -> {
      try (AdbcStatement statement = connection.createStatement()) {
        statement.setSqlQuery("SELECT ?::BIGINT + 1 AS n");
        statement.prepare();
        equal(1, statement.getParameterSchema().getFields().size());
        try (VectorSchemaRoot root = VectorSchemaRoot.of(new BigIntVector("0", allocator))) {
          ((BigIntVector) root.getVector(0)).setSafe(0, 41);
          root.setRowCount(1);
          statement.bind(root);
          try (AdbcStatement.QueryResult result = statement.executeQuery()) {
            equal(List.of(List.of(42L)), rows(result.getReader()));
          }
        }
      }
    });
    check("transactions by BEGIN and ROLLBACK", connection -> {
      // The driver has no call for them.
      equal(true, connection.getAutoCommit());
      change(connection, "CREATE TEMP TABLE kept (i INTEGER)");
      change(connection, "BEGIN");
      change(connection, "INSERT INTO kept VALUES (1)");
      change(connection, "ROLLBACK");
      change(connection, "INSERT INTO kept VALUES (2)");
      equal(List.of(List.of(2)), ask(connection, "SELECT i FROM kept"));
    });
    check("ingest by statements", connection -> {
      // The driver makes CREATE TABLE and INSERT of it.
      for (BulkIngestMode mode : List.of(BulkIngestMode.CREATE, BulkIngestMode.APPEND)) {
        try (AdbcStatement statement = connection.bulkIngest("java_ingest", mode); VectorSchemaRoot root = tenRows()) {
          statement.bind(root);
          statement.executeUpdate();
        }
      }
      equal(List.of(List.of(90L, 18L, 20L)), ask(connection, "SELECT sum(i)::BIGINT, count(s), count(*) FROM java_ingest"));
      change(connection, "DROP TABLE java_ingest");
    });
    check("catalogues, schemas, tables", connection -> {
      change(connection, "CREATE OR REPLACE TABLE java_listed (id BIGINT PRIMARY KEY, name VARCHAR)");
      try (ArrowReader reader = connection.getObjects(AdbcConnection.GetObjectsDepth.ALL, null, "public", "java_listed", null, null)) {
        String all = rows(reader).toString();
        for (String part : List.of("memory", "public", "java_listed", "TABLE"))
          if (!all.contains(part)) throw new AssertionError(part + " is not in " + all);
      }
      try (ArrowReader reader = connection.getObjects(AdbcConnection.GetObjectsDepth.TABLES, null, null, "java_list", null, null)) {
        String all = rows(reader).toString();
        if (all.contains("java_listed")) throw new AssertionError(all);
      }
      change(connection, "DROP TABLE java_listed");
    });
    check("errors with their SQLSTATE", connection -> {
      AdbcException missing = refused(connection, "SELECT * FROM no_such_table_anywhere");
      if (!missing.getMessage().contains("42P01")) throw new AssertionError(missing.getMessage());
      AdbcException syntax = refused(connection, "SELEC 1");
      if (!syntax.getMessage().contains("42601")) throw new AssertionError(syntax.getMessage());
      equal(List.of(List.of(1)), ask(connection, "SELECT 1"));
    });
    check("types that only DuckDB has come as text", connection -> equal(
        List.of(List.of("10101")), ask(connection, "SELECT '10101'::BIT AS b")));
  }
}
