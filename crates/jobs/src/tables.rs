//! The tables, and the migrations that make them.
//!
//! `flagon_job` holds the jobs, `flagon_job_worker` the workers that are alive, `flagon_job_schedule` when each schedule is due next. Times
//! are milliseconds since 1970. `precedence` is the priority turned around, so that an index in ascending order gives the most urgent
//! first. `unique_key` is there while the job is not at its end, and `unique_of` keeps what it was.

use flagon_sql::{Migration, Migrations, Script};

/// What makes the tables. They are remembered in `flagon_job_migration`, so their numbers have nothing to do with those of an app.
///
/// See the [crate](crate) for an example.
pub const MIGRATIONS: Migrations = Migrations::new(ALL).remembered_in("flagon_job_migration");

const ALL: &[Migration] = &[Migration {
    number: 1,
    name: "create_jobs",
    up: Script { sqlite: Some(SQLITE), mysql: Some(MYSQL) },
    down: Some(Script::both(
        "DROP TABLE flagon_job; DROP TABLE flagon_job_worker; DROP TABLE flagon_job_schedule",
    )),
}];

const SQLITE: &str = "
CREATE TABLE flagon_job (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  queue TEXT NOT NULL,
  precedence INTEGER NOT NULL,
  arguments TEXT NOT NULL,
  unique_key TEXT,
  unique_of TEXT,
  state TEXT NOT NULL,
  run_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  most_attempts INTEGER NOT NULL,
  losses INTEGER NOT NULL DEFAULT 0,
  lease INTEGER NOT NULL DEFAULT 0,
  worker TEXT,
  created INTEGER NOT NULL,
  started INTEGER,
  finished INTEGER,
  error TEXT
);
CREATE UNIQUE INDEX flagon_job_unique ON flagon_job (unique_key) WHERE unique_key IS NOT NULL;
CREATE INDEX flagon_job_next ON flagon_job (state, precedence, run_at, id);
CREATE INDEX flagon_job_due ON flagon_job (state, run_at);
CREATE INDEX flagon_job_finished ON flagon_job (state, finished);
CREATE INDEX flagon_job_worker_of ON flagon_job (worker) WHERE worker IS NOT NULL;
CREATE TABLE flagon_job_worker (
  id TEXT NOT NULL PRIMARY KEY,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  started INTEGER NOT NULL,
  alive_until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE flagon_job_schedule (
  name TEXT NOT NULL PRIMARY KEY,
  expression TEXT NOT NULL,
  next_at INTEGER,
  last_at INTEGER
) WITHOUT ROWID;
";

const MYSQL: &str = "
CREATE TABLE flagon_job (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(190) NOT NULL,
  queue VARCHAR(64) NOT NULL,
  precedence INT NOT NULL,
  arguments MEDIUMTEXT NOT NULL,
  unique_key VARCHAR(400),
  unique_of VARCHAR(400),
  state VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  run_at BIGINT NOT NULL,
  attempts INT NOT NULL DEFAULT 0,
  most_attempts INT NOT NULL,
  losses INT NOT NULL DEFAULT 0,
  lease BIGINT NOT NULL DEFAULT 0,
  worker VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
  created BIGINT NOT NULL,
  started BIGINT,
  finished BIGINT,
  error TEXT,
  UNIQUE KEY flagon_job_unique (unique_key),
  KEY flagon_job_next (state, precedence, run_at, id),
  KEY flagon_job_due (state, run_at),
  KEY flagon_job_finished (state, finished),
  KEY flagon_job_worker_of (worker)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE flagon_job_worker (
  id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  host VARCHAR(190) NOT NULL,
  pid BIGINT NOT NULL,
  started BIGINT NOT NULL,
  alive_until BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE flagon_job_schedule (
  name VARCHAR(190) NOT NULL PRIMARY KEY,
  expression VARCHAR(255) NOT NULL,
  next_at BIGINT,
  last_at BIGINT
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
";
