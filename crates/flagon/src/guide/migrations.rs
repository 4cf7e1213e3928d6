//! Migrations: how the tables come into the database, and change.
//!
//! A migration is a pair of SQL files in a folder beside `Cargo.toml`, which are built into the program:
//!
//! ```text
//! migrations/0001_create_post.up.sql          CREATE TABLE post (…)
//! migrations/0001_create_post.down.sql        DROP TABLE post
//! migrations/0002_count_views.sqlite.up.sql   where the databases differ, one for each
//! migrations/0002_count_views.mysql.up.sql
//! ```
//!
//! ```ignore
//! use flagon::{prelude::*, sql::migrations};
//!
//! fn app() -> App {
//!     App::new("blog").migrations(migrations!("migrations")).routes(routes![index])
//! }
//! ```
//!
//! What is pending is done when the app starts, in tests before the first statement. Several programs that start together wait for one of
//! them. Who would rather do it by hand sets `sql.migrate_at_start = false` and uses the command line:
//!
//! | command | what it does |
//! |---|---|
//! | `blog db new create_post` | writes the two files, with the next number |
//! | `blog db status` | lists the migrations, and where each stands |
//! | `blog db migrate --dry-run` | shows the SQL of what is pending |
//! | `blog db migrate` | does it |
//! | `blog db rollback 2` | takes the last two back |
//!
//! A file that was done is not to be changed any more: its checksum is remembered, and a difference is an error. So is a new file with a number below
//! one that is done.
//!
//! In SQLite a migration is done whole or not at all. MySQL and MariaDB commit each `CREATE` and `ALTER` at once, so one that fails there
//! may be half done; it is remembered as such, nothing more is done, and the error says how to go on. A table of an engine that can't roll
//! back is refused, unless a comment in the file has the word `mixed_engines`.
