//! The file in which is kept what was found, and whose each route is.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use flagon_sql::{Database, Db, Error as SqlError, Options};

use super::{
    histogram::quantile,
    report::{ComparedRoute, DifferenceGroup, ShadowReport},
    tally::Tally,
};
use crate::{
    error::{Error, Result},
    upstream::{Side, UpstreamCount},
};

/// The file.
#[derive(Debug)]
pub(crate) struct Store {
    db: Db,
    path: PathBuf,
}

/// The file as the commands of the app find it, among its state.
#[derive(Debug)]
pub(crate) struct ShadowStore(pub(crate) Arc<Store>);

const TABLES: [&str; 6] = [
    "CREATE TABLE IF NOT EXISTS compared (endpoint TEXT, method TEXT, compared INTEGER, same INTEGER, failed INTEGER,
        PRIMARY KEY (endpoint, method))",
    "CREATE TABLE IF NOT EXISTS difference (endpoint TEXT, method TEXT, kind TEXT, count INTEGER, target TEXT, flagon TEXT, upstream TEXT,
        PRIMARY KEY (endpoint, method, kind))",
    "CREATE TABLE IF NOT EXISTS took (endpoint TEXT, method TEXT, side TEXT, bucket INTEGER, count INTEGER,
        PRIMARY KEY (endpoint, method, side, bucket))",
    "CREATE TABLE IF NOT EXISTS switch (endpoint TEXT PRIMARY KEY, side TEXT)",
    "CREATE TABLE IF NOT EXISTS passed (method TEXT, rule TEXT, known INTEGER, requests INTEGER, failures INTEGER, micros INTEGER,
        PRIMARY KEY (method, rule))",
    "CREATE TABLE IF NOT EXISTS dropped (one INTEGER PRIMARY KEY, count INTEGER)",
];

/// A row of `difference`.
type GroupRow = (String, String, String, i64, String, Option<String>, Option<String>);

impl Store {
    /// The store in the file `file`, a relative one within `folder`. Nothing is opened yet.
    pub(crate) fn new(file: &Path, folder: &Path) -> Result<Self, SqlError> {
        let path = folder.join(file);
        let options = Options::in_folder(&format!("sqlite://{}", path.display()), folder)?;
        Ok(Self { db: Database::with_options(options).db(), path })
    }

    /// Makes the file and its tables, if they are not there.
    pub(crate) async fn prepare(&self) -> Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)
                .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", folder.display())))?;
        }
        for table in TABLES {
            self.db.execute(table, ()).await?;
        }
        Ok(())
    }

    /// Adds what was found and what was passed on.
    pub(crate) async fn add(&self, tally: &Tally, passed: &[UpstreamCount], dropped: u64) -> Result<()> {
        self.db.transaction(|db: Db| async move { Self::write(&db, tally, passed, dropped).await }).await
    }

    async fn write(db: &Db, tally: &Tally, passed: &[UpstreamCount], dropped: u64) -> Result<()> {
        for ((endpoint, method), found) in &tally.routes {
            let sql = "INSERT INTO compared VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
                compared = compared + excluded.compared, same = same + excluded.same, failed = failed + excluded.failed";
            db.execute(sql, (endpoint.as_str(), method.as_str(), found.pairs, found.same, found.failed))
                .await?;
        }
        for (((endpoint, method), kind), group) in &tally.groups {
            let sql = "INSERT INTO difference VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
                count = count + excluded.count, target = excluded.target, flagon = excluded.flagon, upstream = excluded.upstream";
            let example = &group.example;
            db.execute(
                sql,
                (
                    endpoint.as_str(),
                    method.as_str(),
                    kind.as_str(),
                    group.count,
                    group.target.as_str(),
                    example.one.as_deref(),
                    example.other.as_deref(),
                ),
            )
            .await?;
        }
        for (((endpoint, method), side, bucket), count) in &tally.times {
            let sql = "INSERT INTO took VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count";
            db.execute(sql, (endpoint.as_str(), method.as_str(), *side, *bucket, *count)).await?;
        }
        for count in passed {
            let sql = "INSERT INTO passed VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
                requests = requests + excluded.requests, failures = failures + excluded.failures, micros = micros + excluded.micros";
            let micros = i64::try_from(count.time.as_micros()).unwrap_or(i64::MAX);
            let (requests, failures) = (signed(count.requests), signed(count.failures));
            db.execute(
                sql,
                (
                    count.method.as_str(),
                    count.rule.as_str(),
                    i64::from(count.is_known),
                    requests,
                    failures,
                    micros,
                ),
            )
            .await?;
        }
        if dropped > 0 {
            let sql =
                "INSERT INTO dropped VALUES (1, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count";
            db.execute(sql, (signed(dropped),)).await?;
        }
        Ok(())
    }

    /// Whose each route is that was switched.
    pub(crate) async fn switches(&self) -> Result<HashMap<String, Side>> {
        let rows: Vec<(String, String)> =
            self.db.query_as("SELECT endpoint, side FROM switch", ()).all().await?;
        let side = |name: &str| if name == "upstream" { Side::Upstream } else { Side::Flagon };
        Ok(rows.into_iter().map(|(endpoint, name)| (endpoint, side(&name))).collect())
    }

    /// The endpoints that the upstream answers.
    pub(crate) async fn away(&self) -> Result<HashSet<String>> {
        let switches = self.switches().await?.into_iter();
        Ok(switches.filter_map(|(endpoint, side)| (side == Side::Upstream).then_some(endpoint)).collect())
    }

    pub(crate) async fn switch(&self, endpoint: &str, side: Side) -> Result<()> {
        let sql = "INSERT INTO switch VALUES (?, ?) ON CONFLICT DO UPDATE SET side = excluded.side";
        self.db.execute(sql, (endpoint, side.name())).await?;
        Ok(())
    }

    /// Forgets what was found, but not whose routes are.
    pub(crate) async fn clear(&self) -> Result<()> {
        for sql in
            ["DELETE FROM compared", "DELETE FROM difference", "DELETE FROM took", "DELETE FROM dropped"]
        {
            self.db.execute(sql, ()).await?;
        }
        Ok(())
    }

    /// What was passed on, by all processes, the most frequent first.
    pub(crate) async fn passed(&self) -> Result<Vec<UpstreamCount>> {
        let sql = "SELECT method, rule, known, requests, failures, micros FROM passed ORDER BY requests DESC, rule, method";
        let rows: Vec<(String, String, i64, i64, i64, i64)> = self.db.query_as(sql, ()).all().await?;
        let count = |(method, rule, known, requests, failures, micros)| UpstreamCount {
            method,
            rule,
            is_known: known != 0,
            requests: unsigned(requests),
            failures: unsigned(failures),
            time: std::time::Duration::from_micros(unsigned(micros)),
        };
        Ok(rows.into_iter().map(count).collect())
    }

    /// Everything that was found.
    pub(crate) async fn report(&self) -> Result<ShadowReport> {
        let switches = self.switches().await?;
        let sql = "SELECT endpoint, method, compared, same, failed FROM compared ORDER BY endpoint, method";
        let rows: Vec<(String, String, i64, i64, i64)> = self.db.query_as(sql, ()).all().await?;
        let mut routes = Vec::new();
        for (endpoint, method, compared, same, failed) in rows {
            let side = switches.get(&endpoint).copied().unwrap_or(Side::Flagon).name().to_owned();
            let flagon = self.times(&endpoint, &method, Side::Flagon).await?;
            let upstream = self.times(&endpoint, &method, Side::Upstream).await?;
            let (compared, same, failed) = (unsigned(compared), unsigned(same), unsigned(failed));
            routes.push(ComparedRoute { endpoint, method, side, compared, same, failed, flagon, upstream });
        }
        let sql = "SELECT endpoint, method, kind, count, target, flagon, upstream FROM difference ORDER BY count DESC, endpoint, kind";
        let rows: Vec<GroupRow> = self.db.query_as(sql, ()).all().await?;
        let group = |(endpoint, method, kind, count, target, flagon, upstream)| DifferenceGroup {
            endpoint,
            method,
            kind,
            count: unsigned(count),
            target,
            flagon,
            upstream,
        };
        let dropped: Option<i64> = self.db.query_as("SELECT count FROM dropped", ()).optional().await?;
        let differences = rows.into_iter().map(group).collect();
        Ok(ShadowReport { routes, differences, dropped: unsigned(dropped.unwrap_or(0)) })
    }

    async fn times(
        &self,
        endpoint: &str,
        method: &str,
        side: Side,
    ) -> Result<[Option<std::time::Duration>; 2], Error> {
        let sql =
            "SELECT bucket, count FROM took WHERE endpoint = ? AND method = ? AND side = ? ORDER BY bucket";
        let buckets: Vec<(i64, i64)> = self.db.query_as(sql, (endpoint, method, side.name())).all().await?;
        Ok([quantile(&buckets, 0.5), quantile(&buckets, 0.95)])
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
