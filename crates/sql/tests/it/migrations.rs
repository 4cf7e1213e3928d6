//! Migrations are done once, in order, by one program at a time.

use flagon_sql::{Database, Error, ErrorKind, Migration, MigrationState, Migrations, Script};

use crate::databases::{both, mariadb, sqlite};

const ONE: Migration = Migration {
    number: 1,
    name: "create_a",
    up: Script::both("CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1);"),
    down: Some(Script::both("DROP TABLE a")),
};
const TWO: Migration = Migration {
    number: 2,
    name: "fill_a",
    up: Script::both("INSERT INTO a VALUES (2)"),
    down: Some(Script::both("DELETE FROM a WHERE id = 2")),
};
const WRONG: Migration = Migration {
    number: 2,
    name: "wrong",
    up: Script::both("CREATE TABLE b (id INTEGER); INSERT INTO nowhere VALUES (1)"),
    down: None,
};

async fn count(database: &Database) -> Result<i64, Error> {
    database.db().query_as("SELECT count(*) FROM a", ()).one().await
}

fn kinds(error: &Error) -> (ErrorKind, String) {
    (error.kind(), error.to_string())
}

#[tokio::test]
async fn each_is_done_once_and_taken_back_in_turn() {
    for database in both() {
        let options = database.options();
        assert_eq!(Migrations::new(&[ONE]).migrate(options).await.unwrap(), [1]);
        let all = Migrations::new(&[ONE, TWO]);
        assert_eq!(all.status(options).await.unwrap()[1], (2, "fill_a".to_owned(), MigrationState::Pending));
        assert_eq!(all.migrate(options).await.unwrap(), [2]);
        assert_eq!(all.migrate(options).await.unwrap(), [0; 0]);
        assert_eq!(count(&database).await.unwrap(), 2);
        assert_eq!(all.roll_back(options, 1).await.unwrap(), [2]);
        assert_eq!(count(&database).await.unwrap(), 1);
        assert_eq!(all.roll_back(options, 5).await.unwrap(), [1]);
        assert_eq!(count(&database).await.unwrap_err().kind(), ErrorKind::Statement);
        assert_eq!(all.migrate(options).await.unwrap(), [1, 2]);
    }
}

static CHANGED: &[Migration] = &[Migration { up: Script::both("CREATE TABLE a (id INTEGER)"), ..ONE }];

#[tokio::test]
async fn a_changed_file_is_refused() {
    for database in both() {
        let options = database.options();
        Migrations::new(&[ONE]).migrate(options).await.unwrap();
        let changed = Migrations::new(CHANGED);
        assert_eq!(changed.status(options).await.unwrap()[0].2, MigrationState::Changed);
        let (kind, text) = kinds(&changed.migrate(options).await.unwrap_err());
        assert_eq!(kind, ErrorKind::Migration);
        assert!(text.starts_with("the migration 1_create_a was changed after it was done"), "{text}");
    }
}

#[tokio::test]
async fn one_that_fails_leaves_nothing_in_sqlite_and_is_remembered_in_mariadb() {
    let all = Migrations::new(&[ONE, WRONG]);
    for database in both() {
        let error = all.migrate(database.options()).await.unwrap_err();
        assert!(error.to_string().starts_with("the migration 2_wrong failed"), "{error}");
    }
    let sqlite = sqlite();
    all.migrate(sqlite.options()).await.unwrap_err();
    assert_eq!(count(&sqlite).await.unwrap_err().kind(), ErrorKind::Statement, "all of it is undone");
    let mariadb = mariadb();
    all.migrate(mariadb.options()).await.unwrap_err();
    assert_eq!(count(&mariadb).await.unwrap(), 1);
    assert_eq!(all.status(mariadb.options()).await.unwrap()[1].2, MigrationState::Broken);
    let (kind, text) = kinds(&all.migrate(mariadb.options()).await.unwrap_err());
    assert_eq!(kind, ErrorKind::Migration);
    assert!(text.contains("stopped in the middle"), "{text}");
}

#[tokio::test]
async fn programs_that_start_together_do_each_once() {
    for database in both() {
        let all = Migrations::new(&[ONE, TWO]);
        let starts = (0..8).map(|_| all.migrate(database.options()));
        let mut done: Vec<_> =
            futures_util::future::join_all(starts).await.into_iter().flat_map(Result::unwrap).collect();
        done.sort_unstable();
        assert_eq!(done, [1, 2], "{:?}", database.dialect());
        assert_eq!(count(&database).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn a_number_before_one_that_is_done_is_refused() {
    for database in both() {
        Migrations::new(&[TWO_ALONE]).migrate(database.options()).await.unwrap();
        let (kind, text) =
            kinds(&Migrations::new(&[ONE, TWO_ALONE]).migrate(database.options()).await.unwrap_err());
        assert_eq!(kind, ErrorKind::Migration);
        assert!(text.contains("comes before 2_alone, which is done already"), "{text}");
    }
}

const TWO_ALONE: Migration =
    Migration { number: 2, name: "alone", up: Script::both("CREATE TABLE c (id INTEGER)"), down: None };

#[tokio::test]
async fn a_table_that_can_not_roll_back_needs_a_word() {
    const PLAIN: Migration = Migration {
        number: 1,
        name: "plain",
        up: Script::both("CREATE TABLE a (id INTEGER) ENGINE = myisam"),
        down: None,
    };
    const MEANT: Migration = Migration {
        number: 1,
        name: "meant",
        up: Script::both("-- mixed_engines: a cache\nCREATE TABLE a (id INTEGER) ENGINE = MEMORY"),
        down: None,
    };
    let database = mariadb();
    let (kind, text) = kinds(&Migrations::new(&[PLAIN]).migrate(database.options()).await.unwrap_err());
    assert_eq!(kind, ErrorKind::Migration);
    assert!(text.contains("makes a table of myisam, which can't roll back"), "{text}");
    assert_eq!(Migrations::new(&[MEANT]).migrate(database.options()).await.unwrap(), [1]);
}

#[tokio::test]
async fn a_database_does_its_migrations_before_its_first_statement() {
    for url in ["sqlite::memory:".to_owned(), mariadb::Server::shared().database()] {
        let database = Database::with_migrations(url.parse().unwrap(), Some(Migrations::new(&[ONE, TWO])));
        let (left, right) = tokio::join!(count(&database), count(&database));
        assert_eq!((left.unwrap(), right.unwrap()), (2, 2));
    }
}
