// Checks of tokio-postgres: each prints "ok NAME" or "failed NAME: why". The argument is the address.
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use futures_util::{SinkExt, TryStreamExt};
use rust_decimal::Decimal;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSqlOwned, ToSql, Type};
use tokio_postgres::{Client, Error, IsolationLevel, NoTls, SimpleQueryMessage};
use uuid::Uuid;

type Outcome = Result<(), Box<dyn std::error::Error>>;

const ENDLESS: &str = "SELECT sum(a.i * b.i) FROM generate_series(1, 10000000) AS a(i), generate_series(1, 1000000) AS b(i)";

macro_rules! equal {
    ($expected:expr, $actual:expr) => {{
        let (expected, actual) = (&$expected, &$actual);
        if expected != actual {
            return Err(format!("line {}: expected {:?}, got {:?}", line!(), expected, actual).into());
        }
    }};
}

macro_rules! fails {
    ($state:expr, $result:expr) => {
        match $result {
            Ok(_) => return Err(format!("line {}: no error", line!()).into()),
            Err(error) => equal!(Some(&$state), error.code()),
        }
    };
}

async fn connect(address: &str) -> Result<Client, Error> {
    let (client, connection) = tokio_postgres::connect(address, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn check<B, F>(name: &str, address: &str, body: B)
where
    B: FnOnce(Client) -> F,
    F: Future<Output = Outcome>,
{
    let outcome = async { body(connect(address).await?).await };
    match tokio::time::timeout(Duration::from_secs(60), outcome).await {
        Ok(Ok(())) => println!("ok {name}"),
        Ok(Err(error)) => {
            println!("failed {name}: {}", format!("{error} {:?}", error.source().map(|e| e.to_string())).replace('\n', " | "))
        }
        Err(_) => println!("failed {name}: it hangs"),
    }
}

async fn one<T: FromSqlOwned>(client: &Client, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<T, Error> {
    client.query_one(sql, parameters).await?.try_get(0)
}

async fn same<T: FromSqlOwned + ToSql + Sync + PartialEq + std::fmt::Debug>(client: &Client, ty: &str, value: T) -> Outcome {
    let got: T = one(client, &format!("SELECT $1::{ty}"), &[&value]).await?;
    equal!(value, got);
    let none: Option<T> = one(client, &format!("SELECT NULL::{ty}"), &[]).await?;
    equal!(None, none);
    Ok(())
}

async fn types(c: Client) -> Outcome {
    same(&c, "bool", true).await?;
    same(&c, "int2", -7i16).await?;
    same(&c, "int4", i32::MIN).await?;
    same(&c, "int8", i64::MAX).await?;
    same(&c, "float4", 1.5f32).await?;
    same(&c, "float8", 0.1f64).await?;
    same(&c, "text", "grüße \u{1F600}".to_string()).await?;
    same(&c, "varchar", String::new()).await?;
    same(&c, "bytea", vec![0u8, 1, 255]).await?;
    same(&c, "uuid", Uuid::from_u128(0x0b8e5e3a1c1e4d5b9f0a9d5b7c6a1e2f)).await?;
    same(&c, "numeric(20,2)", Decimal::new(1234567890123456789, 2)).await?;
    same(&c, "date", NaiveDate::from_ymd_opt(2024, 2, 29).unwrap()).await?;
    same(&c, "time", NaiveTime::from_hms_micro_opt(23, 59, 59, 123456).unwrap()).await?;
    let at = NaiveDate::from_ymd_opt(1969, 12, 31).unwrap().and_hms_micro_opt(23, 59, 59, 999999).unwrap();
    same::<NaiveDateTime>(&c, "timestamp", at).await?;
    same::<DateTime<Utc>>(&c, "timestamptz", at.and_utc()).await?;
    same(&c, "json", serde_json::json!({"a": [1, null, "x"]})).await?;
    same(&c, "int4[]", vec![Some(1), None, Some(-3)]).await?;
    same(&c, "text[]", vec!["a,b".to_string(), "\"".to_string(), "NULL".to_string()]).await?;
    same(&c, "uuid[]", vec![Uuid::nil()]).await?;
    let row = c.query_one("SELECT 'NaN'::float8, 'infinity'::float8", &[]).await?;
    equal!(true, row.get::<_, f64>(0).is_nan());
    equal!(f64::INFINITY, row.get::<_, f64>(1));
    Ok(())
}

async fn described(c: Client) -> Outcome {
    let statement = c.prepare("SELECT $1::int4 AS a, $2::text AS b, 1.5::float8 AS c, now() AS d").await?;
    equal!([Type::INT4, Type::TEXT], *statement.params());
    let columns: Vec<_> = statement.columns().iter().map(|c| (c.name(), c.type_().clone())).collect();
    equal!(
        vec![("a", Type::INT4), ("b", Type::TEXT), ("c", Type::FLOAT8), ("d", Type::TIMESTAMPTZ)],
        columns
    );
    for i in 0..5 {
        equal!(i, c.query_one(&statement, &[&i, &"x"]).await?.get::<_, i32>(0));
    }
    let typed = c.prepare_typed("SELECT $1 + 1", &[Type::INT8]).await?;
    equal!(42i64, c.query_one(&typed, &[&41i64]).await?.get::<_, i64>(0));
    Ok(())
}

async fn pipelined(c: Client) -> Outcome {
    c.batch_execute("CREATE TEMP TABLE t (i int4 PRIMARY KEY, s text)").await?;
    let insert = c.prepare("INSERT INTO t VALUES ($1, $2)").await?;
    let all = futures_util::future::try_join_all((0..200).map(|i| {
        let (c, insert) = (&c, &insert);
        async move { c.execute(insert, &[&i, &format!("row {i}")]).await }
    }))
    .await?;
    equal!(200, all.iter().sum::<u64>());
    let (good, bad, after) = tokio::join!(
        one::<i64>(&c, "SELECT count(*) FROM t", &[]),
        c.execute(&insert, &[&1, &"again"]),
        one::<i32>(&c, "SELECT 7", &[])
    );
    equal!(200, good?);
    fails!(SqlState::UNIQUE_VIOLATION, bad);
    equal!(7, after?);
    Ok(())
}

async fn transactions(mut c: Client) -> Outcome {
    c.batch_execute("CREATE TEMP TABLE t (i int4)").await?;
    let tx = c.transaction().await?;
    tx.execute("INSERT INTO t VALUES (1)", &[]).await?;
    drop(tx);
    equal!(0i64, one::<i64>(&c, "SELECT count(*) FROM t", &[]).await?);
    let mut tx = c.transaction().await?;
    tx.execute("INSERT INTO t VALUES (2)", &[]).await?;
    let nested = tx.transaction().await?;
    fails!(SqlState::UNDEFINED_TABLE, nested.query("SELECT * FROM no_such_table", &[]).await);
    fails!(SqlState::IN_FAILED_SQL_TRANSACTION, nested.query("SELECT 1", &[]).await);
    nested.rollback().await?;
    tx.commit().await?;
    equal!(1i64, one::<i64>(&c, "SELECT count(*) FROM t", &[]).await?);
    let tx = c.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true).start().await?;
    fails!(SqlState::READ_ONLY_SQL_TRANSACTION, tx.batch_execute("CREATE TABLE never (i int)").await);
    Ok(())
}

async fn portals(mut c: Client) -> Outcome {
    let tx = c.transaction().await?;
    let portal = tx.bind("SELECT i::int4 FROM generate_series(1, 1000) AS t(i) ORDER BY i", &[]).await?;
    let other = tx.bind("SELECT 'other'::text", &[]).await?;
    let mut seen = Vec::new();
    loop {
        let rows = tx.query_portal(&portal, 300).await?;
        seen.extend(rows.iter().map(|row| row.get::<_, i32>(0)));
        if rows.len() < 300 {
            break;
        }
    }
    equal!((1..=1000).collect::<Vec<_>>(), seen);
    equal!("other", tx.query_portal(&other, 0).await?[0].get::<_, String>(0));
    tx.commit().await?;
    Ok(())
}

async fn stream(c: Client) -> Outcome {
    let mut rows = pin!(c.query_raw("SELECT i::int8 FROM generate_series(1, 50000) AS t(i)", Vec::<i32>::new()).await?);
    let mut sum = 0i64;
    while let Some(row) = rows.try_next().await? {
        sum += row.get::<_, i64>(0);
    }
    equal!(50000i64 * 50001 / 2, sum);
    Ok(())
}

async fn copy(c: Client) -> Outcome {
    c.batch_execute("CREATE TEMP TABLE t (i int4, s text)").await?;
    let sink = c.copy_in("COPY t FROM STDIN").await?;
    let mut sink = pin!(sink);
    for i in 0..100 {
        let lines: String = (0..50).map(|j| format!("{}\tvalue {}\n", i * 50 + j, j)).collect();
        sink.send(std::io::Cursor::new(lines)).await?;
    }
    equal!(5000, sink.finish().await?);
    let out: Vec<_> = c.copy_out("COPY (SELECT * FROM t WHERE i < 2 ORDER BY i) TO STDOUT (FORMAT csv)").await?.try_collect().await?;
    equal!("0,value 0\n1,value 1\n", String::from_utf8(out.concat())?);
    // A sink that is dropped takes the copy back.
    {
        let mut dropped = pin!(c.copy_in("COPY t FROM STDIN").await?);
        dropped.send(std::io::Cursor::new("1\tx\n")).await?;
    }
    equal!(5000i64, one::<i64>(&c, "SELECT count(*) FROM t", &[]).await?);
    Ok(())
}

async fn simple(c: Client) -> Outcome {
    let messages = c.simple_query("CREATE TEMP TABLE t (i int4); INSERT INTO t VALUES (1), (2); SELECT i FROM t ORDER BY i").await?;
    let rows: Vec<_> = messages
        .iter()
        .filter_map(|m| if let SimpleQueryMessage::Row(row) = m { row.get(0).map(str::to_string) } else { None })
        .collect();
    equal!(vec!["1", "2"], rows);
    let counts: Vec<_> =
        messages.iter().filter_map(|m| if let SimpleQueryMessage::CommandComplete(n) = m { Some(*n) } else { None }).collect();
    equal!(vec![0, 2, 2], counts);
    Ok(())
}

async fn errors(c: Client) -> Outcome {
    fails!(SqlState::SYNTAX_ERROR, c.query("SELEC 1", &[]).await);
    fails!(SqlState::UNDEFINED_COLUMN, c.query("SELECT nope", &[]).await);
    fails!(SqlState::DIVISION_BY_ZERO, c.query("SELECT 1 / $1::int4", &[&0]).await);
    equal!(1, one::<i32>(&c, "SELECT 1", &[]).await?);
    Ok(())
}

async fn cancel(c: Client) -> Outcome {
    let token = c.cancel_token();
    let pid: i32 = one(&c, "SELECT pg_backend_pid()", &[]).await?;
    let other = connect(&std::env::args().nth(1).unwrap()).await?;
    let watch = async {
        while one::<i64>(
            &other,
            "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND state = 'active' \
             AND now() - query_start > interval '200 milliseconds'",
            &[&pid],
        )
        .await?
            == 0
        {}
        token.cancel_query(NoTls).await
    };
    let (answer, asked) = tokio::join!(c.batch_execute(ENDLESS), watch);
    asked?;
    fails!(SqlState::QUERY_CANCELED, answer);
    equal!(1, one::<i32>(&c, "SELECT 1", &[]).await?);
    Ok(())
}

async fn notices(_: Client) -> Outcome {
    let (c, mut connection) = tokio_postgres::connect(&std::env::args().nth(1).unwrap(), NoTls).await?;
    let messages = tokio::spawn(async move {
        let mut seen = Vec::new();
        while let Some(Ok(message)) = std::future::poll_fn(|cx| connection.poll_message(cx)).await {
            if let tokio_postgres::AsyncMessage::Notice(notice) = message {
                seen.push(notice.message().to_string());
            }
        }
        seen
    });
    c.batch_execute("BEGIN; BEGIN; ROLLBACK").await?;
    drop(c);
    let seen = messages.await?;
    equal!(1, seen.len());
    equal!(true, seen[0].contains("already a transaction"));
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let address = std::env::args().nth(1).expect("the address");
    let at = address.as_str();
    check("types", at, types).await;
    check("described statements", at, described).await;
    check("pipelined", at, pipelined).await;
    check("transactions", at, transactions).await;
    check("portals", at, portals).await;
    check("stream of rows", at, stream).await;
    check("copy", at, copy).await;
    check("simple protocol", at, simple).await;
    check("errors", at, errors).await;
    check("cancel", at, cancel).await;
    check("notices", at, notices).await;
}
