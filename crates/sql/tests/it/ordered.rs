//! `ORDER BY` of an [`OrderBy`] against the same order in memory, on both databases.

use flagon_order::{Field, Nulls, OrderBy, Text};
use flagon_sql::{Db, Dialect};

use crate::databases::both as databases;

#[derive(Debug, Clone)]
struct Row {
    id: i64,
    whole: Option<i64>,
    real: Option<f64>,
    text: Option<String>,
}

const FIELDS: [Field<Row>; 9] = [
    Field::new("id", |row: &Row| row.id.into()).unique(),
    Field::new("n", |row: &Row| row.whole.into()),
    Field::new("n_first", |row: &Row| row.whole.into()).column("n").nulls(Nulls::First),
    Field::new("n_last", |row: &Row| row.whole.into()).column("n").nulls(Nulls::Last),
    Field::new("r", |row: &Row| row.real.into()).nulls(Nulls::Last),
    Field::new("binary", |row: &Row| (&row.text).into()).column("code"),
    Field::new("exact", |row: &Row| (&row.text).into()).column("ordered.t").text(Text::Exact),
    Field::new("anycase", |row: &Row| (&row.text).into())
        .column("t")
        .text(Text::IgnoreCase)
        .nulls(Nulls::Last),
    Field::new("collated", |row: &Row| (&row.text).into()).column("t"),
];

const TEXTS: [&str; 14] = [
    "",
    "a",
    "A",
    "ab",
    "AB",
    "aB c",
    "Zebra",
    "zebra",
    "_",
    "a ",
    "a  b",
    "~",
    "0",
    "common beginning, then more",
];

async fn create(db: &Db) {
    let create = match db.dialect() {
        Dialect::Sqlite => {
            "CREATE TABLE ordered (id INTEGER PRIMARY KEY, n INTEGER, r REAL, t TEXT, code TEXT)"
        }
        _ => {
            "CREATE TABLE ordered (id BIGINT PRIMARY KEY, n BIGINT, r DOUBLE, t VARCHAR(100), \
             code VARCHAR(100) COLLATE utf8mb4_nopad_bin) CHARACTER SET utf8mb4"
        }
    };
    db.execute(create, ()).await.unwrap();
}

async fn fill(db: &Db, texts: &[&str]) -> Vec<Row> {
    create(db).await;
    let mut random = 9_u64;
    let mut below = |limit: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap() % limit
    };
    let reals = [0.0, -0.0, 0.5, -1.25, 1e300, -1e300, 7.0];
    let rows: Vec<Row> = (0..300_i64)
        .map(|id| Row {
            id: id * 7919 % 307,
            whole: [Some(i64::MIN), Some(i64::MAX), None, Some(i64::try_from(below(5)).unwrap() - 2)]
                [below(4)],
            real: (below(4) > 0).then(|| reals[below(7)]),
            text: (below(5) > 0).then(|| texts[below(texts.len())].to_owned()),
        })
        .collect();
    let values = rows.iter().map(|row| (row.id, row.whole, row.real, row.text.clone(), row.text.clone()));
    db.insert_many("INSERT INTO ordered (id, n, r, t, code) VALUES (?, ?, ?, ?, ?)", values).await.unwrap();
    rows
}

/// The ids, as the database orders them, and as they are ordered in memory.
async fn both(db: &Db, rows: &[Row], text: &str) -> (Vec<i64>, Vec<i64>) {
    let order = OrderBy::parse(text, &FIELDS).unwrap();
    let of_database = db.query_as::<i64>("SELECT id FROM ordered", ()).order_by(&order).all().await.unwrap();
    let mut rows = rows.to_vec();
    order.sort(&mut rows);
    (of_database, rows.into_iter().map(|row| row.id).collect())
}

#[tokio::test]
async fn databases_order_as_memory_does() {
    for database in databases() {
        let db = database.db();
        let rows = fill(&db, &TEXTS).await;
        let names = ["n", "n_first", "n_last", "r", "binary", "exact", "anycase"];
        for first in names {
            for second in names.into_iter().filter(|second| *second != first) {
                for (a, b) in [("", ""), ("-", ""), ("", "-"), ("-", "-")] {
                    let text = format!("{a}{first},{b}{second}");
                    let (of_database, in_memory) = both(&db, &rows, &text).await;
                    assert_eq!(of_database, in_memory, "{text} {:?}", db.dialect());
                }
            }
        }
    }
}

/// What is not the same is what the documentation lists.
#[tokio::test]
async fn collations_differ_as_is_told() {
    for database in databases() {
        let db = database.db();
        let rows = fill(&db, &["a", "B", "É", "é", "Ω", "ω", "ß", "SS", "ss", "中", "😀"]).await;
        for text in ["binary", "-exact", "exact,n"] {
            let (of_database, in_memory) = both(&db, &rows, text).await;
            assert_eq!(of_database, in_memory, "{text} {:?}", db.dialect());
        }
        let (of_database, in_memory) = both(&db, &rows, "anycase").await;
        assert_ne!(of_database, in_memory, "neither knows that ß is ss; SQLite folds ASCII only");
        let is_folded = |ids: &[i64], a: &str, b: &str| {
            let of = |text: &str| {
                let ids: Vec<usize> = ids
                    .iter()
                    .enumerate()
                    .filter(|(_, id)| {
                        rows.iter().any(|row| row.id == **id && row.text.as_deref() == Some(text))
                    })
                    .map(|(place, _)| place)
                    .collect();
                (ids[0], ids[ids.len() - 1])
            };
            let ((a_first, a_last), (b_first, b_last)) = (of(a), of(b));
            a_first < b_last && b_first < a_last // they are mixed, by their ids
        };
        let is_mysql = db.dialect() == Dialect::MySql;
        for (a, b) in [("É", "é"), ("Ω", "ω")] {
            assert!(is_folded(&in_memory, a, b), "{a}");
            assert_eq!(is_folded(&of_database, a, b), is_mysql, "{a} {:?}", db.dialect());
        }
        assert!(is_folded(&in_memory, "ß", "ss") && !is_folded(&of_database, "ß", "ss"));
        let (collated, _) = both(&db, &rows, "collated").await;
        assert_eq!(is_folded(&collated, "É", "é"), is_mysql, "the column's own collation");
    }
}

#[tokio::test]
async fn pages_meet_without_a_gap_and_locks_still_fit() {
    for database in databases() {
        let db = database.db();
        let rows = fill(&db, &TEXTS).await;
        let order = OrderBy::parse("-n,anycase", &FIELDS).unwrap();
        let (all, _) = both(&db, &rows, "-n,anycase").await;
        let mut pages = Vec::new();
        for page in 0..16 {
            let query = db.query_as::<i64>("SELECT id FROM ordered -- a comment", ()).order_by(&order);
            pages.extend(query.limit(20).offset(page * 20).for_update().all().await.unwrap());
        }
        assert_eq!(pages, all);
        let rest =
            db.query_as::<i64>("SELECT id FROM ordered WHERE id >= ?;", (0,)).order_by(&order).offset(290);
        assert_eq!(rest.all().await.unwrap(), all[290..]);
    }
}

/// With nulls as the databases have them, and the tie broken in the same direction, one index serves forwards and backwards.
#[tokio::test]
async fn an_index_serves() {
    for database in databases() {
        let db = database.db();
        fill(&db, &TEXTS).await;
        db.execute("CREATE INDEX ordered_n ON ordered (n)", ()).await.unwrap();
        for text in ["n", "-n"] {
            let order = OrderBy::parse(text, &FIELDS).unwrap();
            let query = match db.dialect() {
                Dialect::Sqlite => db.query("EXPLAIN QUERY PLAN SELECT n FROM ordered", ()),
                _ => db.query("EXPLAIN SELECT n FROM ordered", ()),
            };
            let plan = format!("{:?}", query.order_by(&order).limit(10).all().await.unwrap()).to_lowercase();
            assert!(!plan.contains("filesort") && !plan.contains("temp b-tree"), "{plan}");
        }
    }
}
