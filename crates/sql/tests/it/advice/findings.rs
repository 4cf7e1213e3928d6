//! What is slow about a statement is said, and nothing real is changed to find it out.

use std::collections::BTreeSet;

use flagon_sql::{
    AssertSqlSafe, Database, Dialect,
    advice::{Advisor, FindingKind, Report, Workload},
};

use super::shop;
use crate::databases::{mariadb, sqlite};

async fn advise(database: &Database, sql: &str) -> Report {
    let mut workload = Workload::new(database.dialect());
    workload.add(sql, None);
    Advisor::new(database).advise(&workload).await.unwrap()
}

fn kinds(report: &Report) -> BTreeSet<&'static str> {
    report.queries[0].findings.iter().map(|finding| finding.kind.name()).collect()
}

/// A row count and a checksum of each table, and the names of all indexes.
async fn everything(database: &Database) -> Vec<String> {
    let db = database.db();
    let mut found = Vec::new();
    for table in ["customer", "purchase", "item", "product", "review", "event", "message", "login", "setting"]
    {
        let sum = format!("SELECT count(*), sum(id) FROM {table}");
        let (rows, sum): (u64, u64) = db.query_as(AssertSqlSafe(sum), ()).one().await.unwrap();
        found.push(format!("{table}: {rows} {sum}"));
    }
    let names = match db.dialect() {
        Dialect::MySql => {
            "SELECT concat(table_name, '.', index_name) FROM information_schema.statistics WHERE table_schema = database() ORDER BY 1"
        }
        _ => "SELECT name FROM sqlite_schema ORDER BY name",
    };
    found.extend(db.query_as::<String>(names, ()).all().await.unwrap());
    found
}

#[tokio::test]
async fn what_is_slow_is_said() {
    for database in [sqlite(), mariadb()] {
        let db = shop::open(&database).await;
        let is_mysql = db.dialect() == Dialect::MySql;
        db.execute("CREATE INDEX customer_name ON customer (name)", ()).await.unwrap();
        db.execute("CREATE INDEX customer_phone ON customer (phone)", ()).await.unwrap();
        for (sql, expected) in [
            ("SELECT * FROM purchase WHERE coupon = 'coupon-5'", &[FindingKind::FullScan][..]),
            ("SELECT * FROM customer ORDER BY created", &[FindingKind::Filesort]),
            ("SELECT country, count(*) FROM purchase GROUP BY country", &[FindingKind::TemporaryTable]),
            (
                "SELECT id FROM customer WHERE lower(name) = 'name-5'",
                &[FindingKind::FunctionOnColumn, FindingKind::FullScan],
            ),
            ("SELECT * FROM purchase WHERE total = 5", &[FindingKind::LeftmostPrefix, FindingKind::FullScan]),
            ("SELECT total, note FROM event, purchase WHERE 1 = 0", &[]),
            ("SELECT created, user_id FROM event WHERE path = 7", &[FindingKind::CouldCover]),
            ("SELECT id FROM review ORDER BY created LIMIT 20 OFFSET 5000", &[FindingKind::OffsetGrows]),
            ("SELECT * FROM customer WHERE id = 5", &[]),
        ] {
            let report = advise(&database, sql).await;
            let expected: BTreeSet<_> = expected.iter().map(|kind| kind.name()).collect();
            let found = kinds(&report);
            assert!(expected.is_subset(&found), "{:?} {sql}: {found:?}\n{report}", db.dialect());
            assert!(!expected.is_empty() || found.is_empty(), "{sql}: {found:?}");
        }
        // SQLite makes text of the number instead.
        let converted = kinds(&advise(&database, "SELECT id FROM customer WHERE phone = 05").await);
        assert_eq!(converted.contains("implicit conversion"), is_mysql, "{converted:?}");
    }
}

/// Against the statistics of real servers: MariaDB's `userstat`, and the performance schema, as MySQL has it. SQLite counts nothing.
#[tokio::test]
async fn indexes_that_nothing_used_are_named_where_the_server_counts() {
    for (option, since) in [
        ("--userstat=1", Some("not used since the server counts (userstat)")),
        ("--performance-schema=ON", Some("not used since the server started (performance_schema)")),
        ("--userstat=0", None),
    ] {
        let server = mariadb::Server::start(&[option]);
        let database = Database::open(&server.database()).unwrap();
        let db = database.db();
        let table = "CREATE TABLE visit (id INT PRIMARY KEY AUTO_INCREMENT, page INT, at INT, code INT, UNIQUE KEY of_code (code), \
                     KEY of_page (page), KEY of_at (at)) ENGINE=InnoDB";
        db.execute(table, ()).await.unwrap();
        let rows = "INSERT INTO visit (page, at, code) SELECT seq % 100, seq, seq FROM seq_1_to_2000";
        db.execute(rows, ()).await.unwrap();
        let used: Vec<i64> =
            db.query_as("SELECT id FROM visit FORCE INDEX (of_page) WHERE page = 7", ()).all().await.unwrap();
        assert_eq!(used.len(), 20);
        let report = advise(&database, "SELECT count(*) FROM visit").await;
        let unused: Vec<_> =
            report.unused.iter().map(|unused| (&*unused.table, &*unused.index, &*unused.since)).collect();
        let expected: Vec<_> = since.into_iter().map(|since| ("visit", "of_at", since)).collect();
        assert_eq!(
            unused, expected,
            "{option}: the key that keeps codes apart is needed though nothing reads by it\n{report}"
        );
        database.close().await;
    }
    let database = sqlite();
    shop::open(&database).await;
    assert!(advise(&database, "SELECT * FROM customer WHERE id = 5").await.unused.is_empty());
}

#[tokio::test]
async fn a_loop_of_queries_is_found() {
    let database = sqlite();
    shop::open(&database).await;
    let mut workload = Workload::new(Dialect::Sqlite);
    for id in 0..7 {
        workload.add(&format!("SELECT * FROM customer WHERE id = {id}"), Some(1));
    }
    let report = Advisor::new(&database).explain(&workload).await.unwrap();
    assert_eq!(kinds(&report), ["N+1"].into());
    assert!(report.queries[0].findings[0].text.starts_with("sent 7 times in one request"));
}

#[tokio::test]
async fn indexes_that_serve_nothing_are_listed() {
    for database in [sqlite(), mariadb()] {
        let db = shop::open(&database).await;
        db.execute("CREATE INDEX purchase_c ON purchase (channel)", ()).await.unwrap();
        db.execute("CREATE UNIQUE INDEX product_sku ON product (sku)", ()).await.unwrap();
        db.execute("CREATE INDEX product_sku_again ON product (sku)", ()).await.unwrap();
        db.execute("CREATE INDEX event_kind ON event (kind)", ()).await.unwrap();
        let report =
            advise(&database, "SELECT * FROM event WHERE kind = ? AND created BETWEEN ? AND ?").await;
        let mut redundant: Vec<_> =
            report.redundant.iter().map(|index| (&*index.index, &*index.served_by)).collect();
        redundant.sort_unstable();
        let expected = [
            ("event_kind", "the proposed (kind, created)"),
            ("product_sku_again", "product_sku"),
            ("purchase_c", "purchase_channel"),
        ];
        assert_eq!(redundant, expected, "{report}");
    }
}

/// Whatever is asked, also what would write, the database is the same afterwards, and nothing is left in it.
#[tokio::test]
async fn nothing_real_is_changed() {
    for database in [sqlite(), mariadb()] {
        shop::open(&database).await;
        let before = everything(&database).await;
        let mut workload = Workload::new(database.dialect());
        for sql in [
            "DELETE FROM login WHERE created >= 0",
            "UPDATE customer SET city = 0 WHERE phone = '05'",
            "DELETE FROM message WHERE recipient = 3 ORDER BY sent LIMIT 5",
            "UPDATE purchase AS p JOIN customer AS c ON c.id = p.customer_id SET p.total = 0 WHERE c.email = 'c5@example.org'",
            "SELECT * FROM customer; DROP TABLE setting",
            "SELECT * FROM customer WHERE id = 1 INTO OUTFILE '/nowhere/at/all'",
            "SELECT * FROM nowhere WHERE a = 1",
            "SELECT a FROM (SELECT",
            "WITH gone AS (SELECT id FROM item WHERE price = 3) DELETE FROM item WHERE id IN (SELECT id FROM gone)",
            "DELETE FROM product WHERE vendor = 3 RETURNING id",
            "SELECT * FROM review WHERE customer_id = 3 FOR UPDATE",
        ] {
            workload.add(sql, None);
        }
        let report = Advisor::new(&database).sampled_rows(3_000).advise(&workload).await.unwrap();
        assert_eq!(everything(&database).await, before, "{report}");
        assert!(report.queries.iter().filter(|query| query.failure.is_some()).count() >= 2, "{report}");
    }
}

/// Two indexes for an `OR`, one for the inner table of a join, one for the beginning of a text, one for a query within.
#[tokio::test]
async fn indexes_are_proposed_for_more_than_single_comparisons() {
    for database in [sqlite(), mariadb()] {
        let db = shop::open(&database).await;
        let mut cases = vec![
            (
                "SELECT * FROM message WHERE sender = ? OR thread = ?",
                vec![
                    "CREATE INDEX message_sender ON message (sender)",
                    "CREATE INDEX message_thread ON message (thread)",
                ],
            ),
            (
                "SELECT c.name, r.stars FROM customer c JOIN review r ON r.customer_id = c.id WHERE c.id IN (?, ?)",
                vec!["CREATE INDEX review_customer_id ON review (customer_id)"],
            ),
            (
                "SELECT name FROM customer c WHERE c.id < 50 AND EXISTS (SELECT 1 FROM review r WHERE r.customer_id = c.id)",
                vec!["CREATE INDEX review_customer_id ON review (customer_id)"],
            ),
        ];
        if db.dialect() == Dialect::MySql {
            // SQLite's LIKE tells no case apart, and its indexes do.
            let begins = (
                "SELECT * FROM customer WHERE name LIKE 'name-12%'",
                vec!["CREATE INDEX customer_name ON customer (name)"],
            );
            cases.push(begins);
        }
        for (sql, expected) in cases {
            let report = advise(&database, sql).await;
            let mut proposed: Vec<_> = report.proposals.iter().map(|proposal| &*proposal.ddl).collect();
            proposed.sort_unstable();
            assert_eq!(proposed, expected, "{:?} {sql}\n{report}", db.dialect());
        }
    }
}
