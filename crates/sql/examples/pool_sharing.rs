//! Whether threads should share connections of MariaDB: two event loops, each with 16 tasks that read a row in a transaction of its own.
//!
//! `cargo run --release -p flagon-sql --example pool_sharing`: rounds of both ways in turn, so that both meet the same other load.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use flagon_sql::{Database, Db, Options, Result, Sharing, Terms, Transaction};

const THREADS: u32 = 2;
const TASKS: usize = 16;
const ROUND: Duration = Duration::from_secs(3);

fn main() -> Result<()> {
    let mut options: Options = mariadb::Server::shared().database().parse()?;
    options.connections = 32;
    options.threads = THREADS;
    let once = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    once.block_on(make(&options))?;
    for round in 1..=5 {
        let [own, shared] = [Sharing::PerThread, Sharing::Shared].map(|sharing| {
            let mut options = options.clone();
            options.sharing = sharing;
            reads_per_second(&Database::with_options(options))
        });
        eprint_round(round, own, shared);
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a program that measures")]
fn eprint_round(round: u32, own: f64, shared: f64) {
    eprintln!("round {round}: own {own:.0}/s, shared {shared:.0}/s, own/shared {:.2}", own / shared);
}

async fn make(options: &Options) -> Result<()> {
    let db = Database::with_options(options.clone()).db();
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER) ENGINE=InnoDB", ()).await?;
    db.insert_many("INSERT INTO t VALUES (?, ?)", (0..1000).map(|id| (id, id))).await.map(drop)
}

fn reads_per_second(database: &Database) -> f64 {
    let (count, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let (database, count, stop) = (database.clone(), Arc::clone(&count), Arc::clone(&stop));
            scope.spawn(move || {
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                let tasks: Vec<_> = (0..TASKS)
                    .map(|_| runtime.spawn(read(database.clone(), Arc::clone(&count), Arc::clone(&stop))))
                    .collect();
                runtime.block_on(async {
                    for task in tasks {
                        task.await.expect("no task panics").expect("every read succeeds");
                    }
                });
            });
        }
        thread::sleep(ROUND);
        stop.store(true, Ordering::Relaxed);
    });
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let reads = count.load(Ordering::Relaxed) as f64;
    reads / begun.elapsed().as_secs_f64()
}

async fn read(database: Database, count: Arc<AtomicU64>, stop: Arc<AtomicBool>) -> Result<()> {
    let mut id = 0;
    while !stop.load(Ordering::Relaxed) {
        let transaction = Transaction::new(&database, Terms::read_only());
        id = (id + 7) % 1000;
        let _: i64 = Db::within(&transaction).query_as("SELECT a FROM t WHERE id = ?", (id,)).one().await?;
        transaction.commit().await?;
        count.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}
