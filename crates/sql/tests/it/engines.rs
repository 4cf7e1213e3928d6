//! Tables that can't roll back are found, refused and converted.

use flagon_sql::{Db, ErrorKind, MixedEngines, Obstacle, Terms, Transaction};

use crate::databases::{mariadb, sqlite};

async fn make(db: &Db, tables: &[&'static str]) {
    for table in tables {
        db.execute(*table, ()).await.unwrap();
    }
}

#[tokio::test]
async fn they_are_listed_with_what_is_lost() {
    let database = mariadb();
    make(
        &database.db(),
        &[
            "CREATE TABLE a (id INT PRIMARY KEY) ENGINE=MyISAM",
            "CREATE TABLE b (id INT PRIMARY KEY) ENGINE=Aria",
            "CREATE TABLE c (id INT PRIMARY KEY) ENGINE=MEMORY",
            "CREATE TABLE d (id INT NOT NULL) ENGINE=CSV",
            "CREATE TABLE e (id INT PRIMARY KEY) ENGINE=InnoDB",
        ],
    )
    .await;
    let mut found: Vec<_> = database
        .plain_tables()
        .await
        .unwrap()
        .into_iter()
        .map(|table| (table.name.clone(), table.engine.clone(), table.loses()))
        .collect();
    found.sort();
    let engines: Vec<_> = found.iter().map(|(name, engine, _)| (&**name, &**engine)).collect();
    assert_eq!(engines, [("a", "MyISAM"), ("b", "Aria"), ("c", "MEMORY"), ("d", "CSV")]);
    assert!(found[2].2.contains("every row is gone when the server stops"));
    assert_eq!(sqlite().plain_tables().await.unwrap(), []);
}

#[tokio::test]
async fn a_write_to_one_is_refused_with_its_cure_until_it_is_cured_or_meant() {
    let database = mariadb();
    let db = database.db();
    make(&db, &["CREATE TABLE log (a INT) ENGINE=MyISAM", "CREATE TABLE t (a INT) ENGINE=InnoDB"]).await;
    let within = |terms| Db::within(&Transaction::new(&database, terms));
    for sql in ["INSERT INTO log VALUES (1)", "UPDATE `LOG` SET a = 2", "DELETE FROM log"] {
        let error = within(Terms::default()).execute(sql, ()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotTransactional, "{sql}");
        assert!(error.to_string().contains("`ALTER TABLE `log` ENGINE=InnoDB`"), "{error}");
    }
    let transaction = Transaction::new(&database, Terms::default());
    let both = Db::within(&transaction);
    both.execute("INSERT INTO t VALUES (1)", ()).await.unwrap();
    assert!(both.execute("INSERT INTO log VALUES (1)", ()).await.is_err());
    transaction.commit().await.unwrap();
    assert_eq!(
        db.query_as::<i64>("SELECT count(*) FROM t", ()).one().await.unwrap(),
        1,
        "the refusal ends nothing else"
    );
    assert_eq!(db.query_as::<i64>("SELECT count(*) FROM log", ()).one().await.unwrap(), 0);

    let mut terms = Terms::default();
    terms.mixed_engines = MixedEngines::Allow;
    within(terms).execute("INSERT INTO log VALUES (1)", ()).await.unwrap();
    assert_eq!(
        db.query_as::<i64>("SELECT count(*) FROM log", ()).one().await.unwrap(),
        1,
        "it stays, though nothing was committed"
    );

    db.execute("ALTER TABLE log ENGINE=InnoDB", ()).await.unwrap();
    within(Terms::default()).execute("INSERT INTO log VALUES (1)", ()).await.unwrap();
}

#[tokio::test]
async fn a_table_is_converted_with_the_same_rows() {
    let database = mariadb();
    let db = database.db();
    make(&db, &["CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a VARCHAR(50), FULLTEXT KEY words (a)) ENGINE=MyISAM"]).await;
    let rows = "INSERT INTO t (a) SELECT concat('row ', seq) FROM seq_1_to_2000";
    db.execute(rows, ()).await.unwrap();
    let tables = database.plain_tables().await.unwrap();
    let obstacles = database.obstacles(&tables[0]).await.unwrap();
    assert_eq!(obstacles, [Obstacle::FullText { index: "words".to_owned() }]);
    database.convert(&tables[0], |_| ()).await.unwrap();
    assert_eq!(database.plain_tables().await.unwrap(), []);
    assert_eq!(db.query_as::<i64>("SELECT count(*) FROM t", ()).one().await.unwrap(), 2000);
}

#[tokio::test]
async fn what_stands_in_the_way_is_said() {
    let database = mariadb();
    make(
        &database.db(),
        &[
            "CREATE TABLE counts (a INT NOT NULL, id INT AUTO_INCREMENT, PRIMARY KEY (a, id)) ENGINE=MyISAM",
            "CREATE TABLE nokey (a INT) ENGINE=MyISAM",
            "CREATE TABLE wide (id INT PRIMARY KEY, a CHAR(255), b CHAR(255), c CHAR(255), d CHAR(255), e CHAR(255), f CHAR(255), \
             g CHAR(255), h CHAR(255), i CHAR(255), j CHAR(255), k CHAR(255)) ENGINE=MyISAM CHARACTER SET utf8mb4 ROW_FORMAT=FIXED",
            "CREATE TABLE longkey (id INT PRIMARY KEY, a VARCHAR(240), KEY long_one (a)) ENGINE=MyISAM CHARACTER SET utf8mb4 ROW_FORMAT=COMPACT",
            "CREATE TABLE fits (id INT PRIMARY KEY, a VARCHAR(240), KEY long_one (a)) ENGINE=MyISAM CHARACTER SET utf8mb4",
            "CREATE TABLE place (id INT PRIMARY KEY, at POINT NOT NULL, SPATIAL KEY around (at)) ENGINE=MyISAM",
            "CREATE TABLE words (id INT PRIMARY KEY, a TEXT, b TEXT, FULLTEXT KEY of_both (a, b)) ENGINE=MyISAM",
            "CREATE TABLE counts_alone (a INT NOT NULL, id INT AUTO_INCREMENT, PRIMARY KEY (a, id), KEY (id)) ENGINE=MyISAM",
        ],
    )
    .await;
    let of = async |name: &str| {
        let tables = database.plain_tables().await.unwrap();
        database.obstacles(tables.iter().find(|table| table.name == name).unwrap()).await.unwrap()
    };
    assert_eq!(of("counts").await, [Obstacle::AutoIncrementNotFirst { column: "id".to_owned() }]);
    assert_eq!(of("nokey").await, [Obstacle::NoPrimaryKey]);
    let wide = of("wide").await;
    assert!(matches!(&wide[..], [refused @ Obstacle::Refused(_)] if refused.is_in_the_way()), "{wide:?}");
    let long = of("longkey").await;
    assert!(matches!(&long[..], [Obstacle::Refused(why)] if why.contains("767 bytes")), "{long:?}");
    assert_eq!(of("fits").await, []);
    assert_eq!(of("counts_alone").await, []);
    assert_eq!(of("place").await, [Obstacle::Spatial { index: "around".to_owned() }]);
    assert_eq!(of("words").await, [Obstacle::FullText { index: "of_both".to_owned() }]);
    let left: Vec<String> = database.db().query_as("SHOW TABLES", ()).all().await.unwrap();
    let tables = ["counts", "counts_alone", "fits", "longkey", "nokey", "place", "wide", "words"];
    assert_eq!(left, tables, "the copies are gone");
    // What is said to stand in the way does, and nothing else.
    for table in database.plain_tables().await.unwrap() {
        let is_blocked = database.obstacles(&table).await.unwrap().iter().any(Obstacle::is_in_the_way);
        assert_eq!(database.convert(&table, |_| ()).await.is_err(), is_blocked, "{}", table.name);
    }
}
