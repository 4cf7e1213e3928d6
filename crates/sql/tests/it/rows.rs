//! Values go in and come out as they are.

use flagon_sql::{
    Database, Db, Dialect, ErrorKind, Named, ToSql,
    time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset},
};
use futures_util::TryStreamExt as _;
use uuid::Uuid;

use crate::databases::{both, mariadb, sqlite};

async fn back<T: flagon_sql::FromRow + Send>(db: &Db, column: &str, value: impl ToSql) -> T {
    let table =
        format!("CREATE TABLE t_{0} (a {column})", column.split('(').next().unwrap().replace(' ', "_"));
    db.execute(flagon_sql::AssertSqlSafe(&*table), ()).await.unwrap();
    let name = table.split(' ').nth(2).unwrap().to_owned();
    db.execute(flagon_sql::AssertSqlSafe(format!("INSERT INTO {name} VALUES (?)")), (value,)).await.unwrap();
    let found =
        db.query_as(flagon_sql::AssertSqlSafe(format!("SELECT a FROM {name}")), ()).one().await.unwrap();
    db.execute(flagon_sql::AssertSqlSafe(format!("DROP TABLE {name}")), ()).await.unwrap();
    found
}

#[tokio::test]
async fn numbers_and_texts_come_back() {
    for database in both() {
        let db = database.db();
        assert_eq!(back::<i64>(&db, "BIGINT", i64::MIN).await, i64::MIN);
        assert_eq!(back::<i8>(&db, "SMALLINT", -128).await, -128);
        assert_eq!(back::<u32>(&db, "BIGINT", u32::MAX).await, u32::MAX);
        assert!(back::<bool>(&db, "BOOLEAN", true).await);
        assert!((back::<f64>(&db, "DOUBLE", 0.1_f64).await - 0.1).abs() < f64::EPSILON);
        assert_eq!(back::<String>(&db, "VARCHAR(20)", "grüß 😀").await, "grüß 😀");
        assert_eq!(back::<Vec<u8>>(&db, "BLOB", vec![0_u8, 255, 1]).await, [0, 255, 1]);
        assert_eq!(back::<Option<i64>>(&db, "BIGINT", None::<i64>).await, None);
        let id = Uuid::from_u128(0x1234_5678_9abc_def0_1234_5678_9abc_def0);
        assert_eq!(back::<Uuid>(&db, "CHAR(36)", id).await, id);
    }
}

#[tokio::test]
async fn dates_come_back() {
    let date = Date::from_calendar_date(2026, Month::February, 28).unwrap();
    let time = Time::from_hms(23, 59, 58).unwrap();
    let moment = PrimitiveDateTime::new(date, time);
    for database in both() {
        let db = database.db();
        assert_eq!(back::<Date>(&db, "DATE", date).await, date);
        assert_eq!(back::<Time>(&db, "TIME", time).await, time);
        assert_eq!(back::<PrimitiveDateTime>(&db, "DATETIME", moment).await, moment);
        let instant = OffsetDateTime::new_in_offset(date, time, UtcOffset::UTC);
        assert_eq!(back::<OffsetDateTime>(&db, "TIMESTAMP", instant).await, instant);
    }
}

#[tokio::test]
async fn mariadb_has_more_types_than_sqlite() {
    let db = mariadb().db();
    assert_eq!(back::<u64>(&db, "BIGINT UNSIGNED", u64::MAX).await, u64::MAX);
    assert_eq!(back::<String>(&db, "DECIMAL(20,2)", "12345678901234567.89").await, "12345678901234567.89");
    assert_eq!(back::<String>(&db, "ENUM('a','b')", "b").await, "b");
    assert_eq!(back::<String>(&db, "JSON", r#"{"a": 1}"#).await, r#"{"a": 1}"#);
    let id = Uuid::from_u128(7);
    assert_eq!(back::<Uuid>(&db, "UUID", id).await, id);
    let sum: i64 =
        db.query_as("SELECT sum(a) FROM (SELECT 2 AS a UNION ALL SELECT 3) AS t", ()).one().await.unwrap();
    assert_eq!(sum, 5, "the sum of whole numbers is a DECIMAL");
}

#[tokio::test]
async fn a_number_that_sqlite_does_not_have_is_refused() {
    let error = sqlite().db().query_as::<i64>("SELECT ?", (u64::MAX,)).one().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Values);
}

#[tokio::test]
async fn what_does_not_fit_a_type_says_which_column_and_what_is_there() {
    let message = async |database: &Database, sql: &'static str| {
        let error = database.db().query(sql, ()).one().await.unwrap().get::<u8>("a").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        error.to_string()
    };
    for database in both() {
        assert_eq!(
            message(&database, "SELECT 256 AS a").await,
            "column `a`: expected a number that fits into u8, found 256"
        );
        assert_eq!(message(&database, "SELECT NULL AS a").await, "column `a` is NULL; read it as an Option");
        assert_eq!(
            message(&database, "SELECT 1 AS b, 2 AS c").await,
            "there is no column `a`; there are b, c"
        );
    }
    assert_eq!(
        message(&sqlite(), "SELECT 'x' AS a").await,
        "column `a`: expected a whole number, found TEXT"
    );
}

#[tokio::test]
async fn too_few_and_too_many_values_are_refused_before_they_are_sent() {
    for database in both() {
        let db = database.db();
        for (sql, message) in [
            ("SELECT ? + ?", "the statement has places for 2 values, and 1 are given, in `SELECT ? + ?`"),
            ("SELECT '?'", "the statement has places for 0 values, and 1 are given, in `SELECT '?'`"),
        ] {
            let error = db.query(sql, (1,)).one().await.unwrap_err();
            assert_eq!((error.kind(), error.to_string()), (ErrorKind::Values, message.to_owned()));
        }
    }
}

#[tokio::test]
async fn values_by_name() {
    for database in both() {
        let db = database.db();
        let sql = "SELECT :b AS x, ':a' AS y, :a + :a AS z -- :c\n";
        let row = db.query(sql, Named(&[("a", &2), ("b", &"text")])).one().await.unwrap();
        assert_eq!(row.get::<String>("x").unwrap(), "text");
        assert_eq!(row.get::<String>("y").unwrap(), ":a");
        assert_eq!(row.get::<f64>("z").unwrap().to_string(), "4");
        let missing = db.query(sql, Named(&[("a", &2)])).one().await.unwrap_err();
        assert_eq!(missing.to_string(), "there is no value for `:b`");
        let unused = db.query("SELECT :a", Named(&[("a", &2), ("z", &1)])).one().await.unwrap_err();
        assert_eq!(unused.to_string(), "the value `z` has no `:z` in the statement");
    }
}

#[tokio::test]
async fn insert_gives_the_id_and_execute_the_count() {
    for database in both() {
        let db = database.db();
        let id = if db.dialect() == Dialect::MySql { "AUTO_INCREMENT" } else { "" };
        let table = format!("CREATE TABLE t (id INTEGER PRIMARY KEY {id}, a INTEGER)");
        db.execute(flagon_sql::AssertSqlSafe(table), ()).await.unwrap();
        assert_eq!(db.insert("INSERT INTO t (a) VALUES (?)", (7,)).await.unwrap(), 1);
        assert_eq!(db.insert("INSERT INTO t (a) VALUES (?)", (8,)).await.unwrap(), 2);
        assert_eq!(db.execute("UPDATE t SET a = a + 1", ()).await.unwrap(), 2);
        assert_eq!(db.query_as::<i64>("SELECT a FROM t WHERE id = ?", (2,)).one().await.unwrap(), 9);
    }
}

#[tokio::test]
async fn many_rows_go_in_together_or_not_at_all() {
    for database in both() {
        let db = database.db();
        let engine = if db.dialect() == Dialect::MySql { "ENGINE=InnoDB" } else { "" };
        let table = format!("CREATE TABLE t (a INTEGER PRIMARY KEY, b VARCHAR(20)) {engine}");
        db.execute(flagon_sql::AssertSqlSafe(table), ()).await.unwrap();
        let insert = "INSERT INTO t (b, a) VALUES (upper(?), (?)) -- values (?)";
        assert_eq!(db.insert_many(insert, (0..1201).map(|a| (format!("b{a}"), a))).await.unwrap(), 1201);
        let last: (i64, String) = db.query_as("SELECT a, b FROM t ORDER BY a DESC", ()).one().await.unwrap();
        assert_eq!(last, (1200, "B1200".to_owned()));
        let twice = db.insert_many(insert, (5000..6000).chain([3]).map(|a| ("x", a))).await.unwrap_err();
        assert_eq!(twice.kind(), ErrorKind::Unique);
        assert_eq!(db.query_as::<i64>("SELECT count(*) FROM t", ()).one().await.unwrap(), 1201);
        assert_eq!(db.insert_many(insert, [("x", 1); 0]).await.unwrap(), 0);
        let few = db.insert_many(insert, [("x",)]).await.unwrap_err();
        assert_eq!(few.kind(), ErrorKind::Values);
        let none = db.insert_many("INSERT INTO t SELECT 1, 2", [("x",)]).await.unwrap_err();
        assert_eq!(none.kind(), ErrorKind::Values);
    }
}

#[tokio::test]
async fn violations_have_their_kinds() {
    for database in both() {
        let db = database.db();
        let engine = if db.dialect() == Dialect::MySql { "ENGINE=InnoDB" } else { "" };
        for table in [
            "CREATE TABLE p (id INTEGER PRIMARY KEY)",
            "CREATE TABLE c (p INTEGER NOT NULL, n INTEGER CHECK (n > 0), FOREIGN KEY (p) REFERENCES p (id))",
        ] {
            db.execute(flagon_sql::AssertSqlSafe(format!("{table} {engine}")), ()).await.unwrap();
        }
        db.execute("INSERT INTO p VALUES (1)", ()).await.unwrap();
        for (sql, kind) in [
            ("INSERT INTO p VALUES (1)", ErrorKind::Unique),
            ("INSERT INTO c VALUES (2, 1)", ErrorKind::ForeignKey),
            ("INSERT INTO c VALUES (NULL, 1)", ErrorKind::NotNull),
            ("INSERT INTO c VALUES (1, 0)", ErrorKind::Check),
            ("INSERT INTO nowhere VALUES (1)", ErrorKind::Statement),
        ] {
            assert_eq!(db.execute(sql, ()).await.unwrap_err().kind(), kind, "{:?} {sql}", db.dialect());
        }
    }
}

#[tokio::test]
async fn a_stream_gives_rows_one_by_one_and_may_be_left_early() {
    for database in both() {
        let db = database.db();
        let numbers =
            "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n WHERE a < 1000) SELECT a FROM n";
        let all: Vec<i64> = db.query_as::<i64>(numbers, ()).stream().try_collect().await.unwrap();
        assert_eq!(all, (1..=1000).collect::<Vec<_>>());
        let mut stream = db.query_as::<i64>(numbers, ()).stream();
        assert_eq!(stream.try_next().await.unwrap(), Some(1));
        drop(stream);
        assert_eq!(db.query_as::<i64>("SELECT 5", ()).one().await.unwrap(), 5);
    }
}

#[tokio::test]
async fn a_with_that_writes_is_found_out() {
    let db = sqlite().db();
    db.execute("CREATE TABLE t (a INTEGER)", ()).await.unwrap();
    let sql = "WITH n(a) AS (VALUES (1), (2)) INSERT INTO t SELECT a FROM n RETURNING a";
    assert_eq!(db.query_as::<i64>(sql, ()).all().await.unwrap(), [1, 2]);
    assert_eq!(db.query_as::<i64>("SELECT count(*) FROM t", ()).one().await.unwrap(), 2);
}
