//! Indexes: which a database lacks, which it has for nothing, and what one is like.
//!
//! An index is a second copy of some columns, in an order of its own: it finds rows without reading all of them, and every write has to
//! keep it. Which ones are worth that is seen from what an app really asks. `db advise` looks at it:
//!
//! ```text
//! my-app db advise app.log            # the app's own log, with log.format = "json" and log.level = "info,flagon::sql=debug"
//! my-app db advise slow.log           # the slow log or the general log of MySQL or MariaDB
//! my-app db advise queries.sql        # statements, each with a `;` at its end
//! my-app db advise --app http://127.0.0.1:5000   # the app where it runs in debug mode
//! ```
//!
//! Statements that differ in their values alone are one. Each is explained by the database (`EXPLAIN FORMAT=JSON`, of SQLite
//! `EXPLAIN QUERY PLAN`), and what may be slow is said:
//!
//! | finding | cure |
//! |---|---|
//! | full scan | an index, which is proposed if one helps |
//! | sorting, temporary table | an index that has the rows in that order |
//! | implicit conversion | text compared with a number, or columns of two types: write the value in quotes, give both the same type |
//! | function on a column | compare the bare column: `created >= ? AND created < ?` instead of `date(created) = ?` |
//! | not the leftmost column | an index of its own, or another order |
//! | could be covered | one or two more columns in the index, and the rows needn't be looked up |
//! | N+1 | one query with `IN (…)` or a join instead of one for each row |
//! | offset grows | go on behind the last row of the page before, instead of counting from the beginning |
//!
//! ## What is proposed was tried
//!
//! A proposal has the columns that are compared for equality first, then a range or the order, and one or two more when they are narrow
//! and the index then covers the query. It is made on a copy of at most 20,000 rows of each table (`--rows`), the statement is carried out
//! there without and with it, and it is shown only when at most half is read, with both figures:
//!
//! ```text
//! 1. CREATE INDEX post_author_created ON post (author, created);   tried on 20000 rows
//!   SELECT * FROM post WHERE author = ? ORDER BY created DESC LIMIT ?
//!     before: 20001 rows read, 339 page visits; post: reads all rows (about 20070); sorts them
//!     after:  10 rows read, 20 page visits; post: by the index (author, created) (about 40)
//! ```
//!
//! Nothing is proposed that an index which is there already serves; one that serves several statements is proposed once. Where a log has
//! `?` instead of values, values of the table are taken: those of a row in the middle, and for a range what a twentieth of the rows are in.
//! SQLite does not count rows, so it is the steps of its machine that are compared.
//!
//! The real data stay as they are. On MySQL and MariaDB the copies are temporary tables with names of their own, which only this
//! connection sees and which end with it; they take the right `CREATE TEMPORARY TABLES`. Statements run on them in a session that may only
//! read, for five seconds at most, and those that write are tried as a query of the same rows. Of SQLite the copy is a temporary file.
//! What can't be copied, such as a table with a `FULLTEXT` index, is named.
//!
//! Behind the proposals come indexes that another one begins with (redundant), and those that nothing has used, where the server counts:
//! MariaDB with `userstat = 1`, MySQL by its `performance_schema`.
//!
//! ## In a program
//!
//! ```
//! use flagon::sql::{Database, Dialect, advice::{Advisor, Workload}};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let database = Database::open("sqlite::memory:")?;
//! let db = database.db();
//! db.execute("CREATE TABLE visit (id INTEGER PRIMARY KEY, page INTEGER, at INTEGER)", ()).await?;
//! db.insert_many("INSERT INTO visit (page, at) VALUES (?, ?)", (0..8_000).map(|n| (n % 8, n))).await?;
//!
//! let mut workload = Workload::new(Dialect::Sqlite);
//! workload.add_log("SELECT count(*) FROM visit WHERE page = 7 AND at > 7900;");
//! let report = Advisor::new(&database).advise(&workload).await?;
//! assert_eq!(report.proposals[0].columns, ["page", "at"]);
//! assert!(report.to_string().contains("CREATE INDEX visit_page_at ON visit (page, at)"));
//! # Ok::<(), flagon::sql::Error>(()) }).unwrap();
//! ```
//!
//! The debug panel shows the same beside each query of a request. What belongs to one request, and so N+1, is known there and with `--app`;
//! the logs of servers don't say it.
//!
//! ## What an index is like
//!
//! `db indexes TABLE` shows for each index whether it is the table itself (clustered) or beside it, how many pages one goes through from
//! its root, how many pages it has and how full they are, and how well its first columns tell rows apart:
//!
//! ```text
//! PRIMARY (id): clustered: the rows themselves
//!   height 2, 481 pages of which 477 are leaves, 92 % full
//!   selectivity of (id): 100.00 %, 29574 values in 29574 entries
//! post_author_created (author, created): secondary
//!   height 2, 97 pages of which 35 are leaves, 94 % full
//!   selectivity of (author): 1.69 %, 500 values in 29574 entries
//!   selectivity of (author, created): 100.00 %, 30000 values in 29574 entries
//! ```
//!
//! The figures are the server's own, and so about: InnoDB's statistics (`ANALYZE TABLE` renews them) and the pages in its memory, which
//! takes the right `PROCESS`; SQLite's table `dbstat`. Where something is not known, it says so.
