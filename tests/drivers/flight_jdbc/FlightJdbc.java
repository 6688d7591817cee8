import java.math.BigDecimal;
import java.sql.*;
import java.util.*;

/** Checks of one driver: each prints "ok NAME" or "failed NAME: why". The argument is the JDBC address. */
public class FlightJdbc {
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
      Throwable cause = thrown;
      StackTraceElement at = Arrays.stream(thrown.getStackTrace())
          .filter(frame -> frame.getClassName().startsWith("FlightJdbc") && !frame.getMethodName().equals("equal"))
          .findFirst().orElse(thrown.getStackTrace().length > 0 ? thrown.getStackTrace()[0] : null);
      System.out.println("failed " + name + ": " + String.valueOf(cause).replace("\n", " | ") + " at " + at);
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

  static Object one(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
      equal(true, rows.next());
      Object value = rows.getObject(1);
      equal(false, rows.next());
      return value;
    }
  }

  static List<String> column(ResultSet rows, String name) throws SQLException {
    List<String> all = new ArrayList<>();
    while (rows.next()) all.add(rows.getString(name));
    rows.close();
    return all;
  }

  public static void main(String[] arguments) {
    url = arguments[0];
    check("a query and its columns", connection -> {
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT 1 AS i, 'grüße' AS s, NULL::DOUBLE AS d, 1.25::DECIMAL(9,2) AS n, "
              + "true AS b, DATE '2024-02-29' AS day, 9007199254740993::BIGINT AS l")) {
        ResultSetMetaData told = rows.getMetaData();
        equal(7, told.getColumnCount());
        equal(Types.INTEGER, told.getColumnType(1));
        equal(Types.VARCHAR, told.getColumnType(2));
        equal(Types.DECIMAL, told.getColumnType(4));
        equal("l", told.getColumnName(7));
        equal(true, rows.next());
        equal(1, rows.getInt("i"));
        equal("grüße", rows.getString("s"));
        rows.getDouble("d");
        equal(true, rows.wasNull());
        equal(new BigDecimal("1.25"), rows.getBigDecimal("n"));
        equal(true, rows.getBoolean("b"));
        equal("2024-02-29", rows.getDate("day").toString());
        equal(9007199254740993L, rows.getLong("l"));
        equal(false, rows.next());
      }
    });
    check("a large result in several endpoints", connection -> {
      long sum = 0;
      long rows = 0;
      try (Statement statement = connection.createStatement();
          ResultSet found = statement.executeQuery("SELECT range AS i FROM range(300000)")) {
        while (found.next()) {
          sum += found.getLong(1);
          rows++;
        }
      }
      equal(300000L, rows);
      equal(300000L * 299999L / 2, sum);
    });
    check("prepared statements run again with other values", connection -> {
      try (PreparedStatement statement = connection.prepareStatement("SELECT ?::INTEGER + 1, ?::VARCHAR || '!'")) {
        equal(2, statement.getParameterMetaData().getParameterCount());
        for (int i = 0; i < 3; i++) {
          statement.setInt(1, i);
          statement.setString(2, "v" + i);
          try (ResultSet rows = statement.executeQuery()) {
            equal(true, rows.next());
            equal(i + 1, rows.getInt(1));
            equal("v" + i + "!", rows.getString(2));
          }
        }
      }
    });
    check("updates count and run once", connection -> {
      execute(connection, "CREATE OR REPLACE TABLE jdbc_counts (i INTEGER, s VARCHAR)");
      try (Statement statement = connection.createStatement()) {
        equal(3, statement.executeUpdate("INSERT INTO jdbc_counts SELECT range, 'x' FROM range(3)"));
        equal(1, statement.executeUpdate("DELETE FROM jdbc_counts WHERE i = 0"));
      }
      equal(2L, one(connection, "SELECT count(*) FROM jdbc_counts"));
      try (PreparedStatement insert = connection.prepareStatement("INSERT INTO jdbc_counts VALUES (?, ?)")) {
        insert.setInt(1, 7);
        insert.setString(2, null);
        equal(1, insert.executeUpdate());
      }
      equal(1L, one(connection, "SELECT count(*) FROM jdbc_counts WHERE s IS NULL"));
      execute(connection, "DROP TABLE jdbc_counts");
    });
    check("a batch of rows", connection -> {
      execute(connection, "CREATE OR REPLACE TABLE jdbc_batch (i INTEGER, s VARCHAR)");
      try (PreparedStatement insert = connection.prepareStatement("INSERT INTO jdbc_batch VALUES (?, ?)")) {
        for (int i = 0; i < 100; i++) {
          insert.setInt(1, i);
          insert.setString(2, "row " + i);
          insert.addBatch();
        }
        insert.executeBatch();
      }
      equal(100L, one(connection, "SELECT count(DISTINCT i) FROM jdbc_batch WHERE s = 'row ' || i"));
      execute(connection, "DROP TABLE jdbc_batch");
    });
    check("tables, columns and schemas", connection -> {
      execute(connection, "CREATE OR REPLACE TABLE jdbc_named (i INTEGER PRIMARY KEY, s VARCHAR, n DECIMAL(12,3))");
      DatabaseMetaData told = connection.getMetaData();
      equal(List.of("jdbc_named"), column(told.getTables(null, null, "jdbc_named", new String[] {"TABLE"}), "TABLE_NAME"));
      equal(List.of("i", "s", "n"), column(told.getColumns(null, null, "jdbc_named", null), "COLUMN_NAME"));
      equal(true, column(told.getSchemas(), "TABLE_SCHEM").contains("public"));
      List<String> catalogs = column(told.getCatalogs(), "TABLE_CAT");
      equal(true, catalogs.contains(String.valueOf(one(connection, "SELECT current_catalog()"))));
      equal(true, column(told.getTableTypes(), "TABLE_TYPE").contains("VIEW"));
      equal(List.of("i"), column(told.getPrimaryKeys(null, null, "jdbc_named"), "COLUMN_NAME"));
      execute(connection, "DROP TABLE jdbc_named");
    });
    check("what the server says of itself", connection -> {
      DatabaseMetaData told = connection.getMetaData();
      equal("Skein", told.getDatabaseProductName());
      equal("\"", told.getIdentifierQuoteString());
      equal(true, told.supportsTransactions());
      equal(true, told.supportsResultSetConcurrency(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY));
      equal(false, told.supportsResultSetConcurrency(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_UPDATABLE));
      equal(true, told.supportsGroupBy());
    });
    check("errors name their SQLSTATE", connection -> {
      try {
        one(connection, "SELECT * FROM there_is_none");
        throw new AssertionError("it was found");
      } catch (SQLException e) {
        equal(true, String.valueOf(e).contains("42P01") || String.valueOf(e.getCause()).contains("42P01"));
      }
      equal(1, one(connection, "SELECT 1"));
    });
    check("plain types by the address", "&x-skein-types=plain", connection -> {
      equal("00112233-4455-6677-8899-aabbccddeeff",
          one(connection, "SELECT '00112233-4455-6677-8899-aabbccddeeff'::UUID"));
      equal("[1]", String.valueOf(one(connection, "SELECT '[1]'::JSON")));
    });
    check("extension types", connection -> {
      equal("[1]", String.valueOf(one(connection, "SELECT '[1]'::JSON")));
      equal("101", String.valueOf(one(connection, "SELECT '101'::BIT")));
      Object uuid = one(connection, "SELECT '00112233-4455-6677-8899-aabbccddeeff'::UUID");
      equal(true, uuid instanceof byte[] ? ((byte[]) uuid).length == 16
          : uuid.toString().equals("00112233-4455-6677-8899-aabbccddeeff"));
    });
    check("temporary tables last as long as the connection", connection -> {
      execute(connection, "CREATE TEMP TABLE jdbc_mine AS SELECT 42 AS i");
      equal(42, one(connection, "SELECT i FROM jdbc_mine"));
    });
    check("a transaction by statements", connection -> {
      execute(connection, "CREATE OR REPLACE TABLE jdbc_kept (i INTEGER)");
      execute(connection, "BEGIN");
      execute(connection, "INSERT INTO jdbc_kept VALUES (1)");
      execute(connection, "ROLLBACK");
      equal(0L, one(connection, "SELECT count(*) FROM jdbc_kept"));
      execute(connection, "DROP TABLE jdbc_kept");
    });
  }
}
