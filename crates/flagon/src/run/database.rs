//! The command `db`: checks the database, migrates it, and looks at its indexes.

use std::{fmt::Write as _, fs, io, path::PathBuf};

use clap::{Args, Subcommand};
use flagon_sql::{Database, Dialect, ErrorKind, MigrationState, Migrations};
use tokio::runtime::Builder;

use super::{
    indexes::{self, AdviceArguments},
    terminal,
};
use crate::{
    application::Application,
    current_app::CurrentApp,
    error::{Error, Result},
    globals::current_app,
};

/// What `db` is asked to do.
#[derive(Debug, Args)]
pub(super) struct DatabaseArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Look which tables can't roll back, and say what is lost with each
    Check,
    /// Write the files of a new migration
    New {
        /// What it does, such as `create_post`
        name: String,
        /// The folder of the migrations
        #[arg(long, default_value = "migrations")]
        folder: PathBuf,
    },
    /// Do the migrations that are pending
    Migrate {
        /// Only show what would be done
        #[arg(long)]
        dry_run: bool,
    },
    /// Take migrations back, the last one first
    Rollback {
        /// How many
        #[arg(default_value_t = 1)]
        count: usize,
    },
    /// List the migrations, and where each stands
    Status,
    /// Make tables that can't roll back tables of InnoDB
    Convert {
        /// Which; all of them without a name
        tables: Vec<String>,
        /// Only look what stands in the way
        #[arg(long)]
        dry_run: bool,
    },
    /// Say what is slow about the statements of a log, and propose indexes that were tried on a copy
    Advise(AdviceArguments),
    /// Show the indexes of a table: height, pages, fill and selectivity
    Indexes {
        /// Which
        table: String,
    },
}

/// Does before the first request what the database needs: the migrations, and a look at its tables. A database that is away now may be
/// there later; requests that need it are answered 503 until then.
pub(super) fn prepare(app: &Application) -> Result<()> {
    let current = app.current_app();
    let is_asked = !sets(current).is_empty() || current.database.dialect() == Dialect::MySql;
    if !is_asked {
        return Ok(());
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match current.database.prepare().await {
            Err(error) if error.kind() != ErrorKind::Connect => return Err(error.into()),
            Err(error) => {
                tracing::warn!(target: "flagon::sql", error = %error, "the database does not answer");
            }
            Ok(()) => report(&current.database).await,
        }
        current.database.close().await; // what was opened on this event loop ends with it
        Ok(())
    })
}

/// Logs the tables that can't roll back.
async fn report(database: &Database) {
    match database.plain_tables().await {
        Ok(tables) => {
            for table in &tables {
                tracing::warn!(
                    target: "flagon::sql",
                    table = table.name,
                    engine = table.engine,
                    rows = table.rows,
                    bytes = table.bytes,
                    loses = table.loses(),
                    cure = table.cure(),
                    "a table can't roll back"
                );
            }
        }
        Err(error) => tracing::warn!(target: "flagon::sql", error = %error, "the database does not answer"),
    }
}

/// Runs the command.
pub(super) async fn database(arguments: DatabaseArguments) -> Result<()> {
    let app = current_app();
    match arguments.action {
        Action::Check => check(&app).await,
        Action::New { name, folder } => new(&app, &name, &folder),
        Action::Migrate { dry_run: true } => show(&app).await,
        Action::Migrate { dry_run: false } => {
            let mut done = Vec::new();
            for migrations in all_sets(&app)? {
                done.extend(migrations.migrate(app.database.options()).await?);
            }
            print(&match done.len() {
                0 => "nothing is pending\n".to_owned(),
                count => format!("{count} done: {done:?}\n"),
            })
        }
        Action::Rollback { count } => {
            let taken = migrations(&app)?.roll_back(app.database.options(), count).await?;
            print(&format!("{} taken back: {taken:?}\n", taken.len()))
        }
        Action::Status => status(&app).await,
        Action::Convert { tables, dry_run } => {
            convert(&app, &tables, if dry_run { Step::Look } else { Step::Convert }).await
        }
        Action::Advise(arguments) => indexes::advise(&app, &arguments).await,
        Action::Indexes { table } => indexes::indexes(&app, &table).await,
    }
}

fn print(text: &str) -> Result<()> {
    terminal::print(text).map_err(|failure| io::Error::other(failure.to_string()).into())
}

fn refuse<T>(message: impl Into<String>) -> Result<T> {
    Err(Error::from(io::Error::other(message.into())))
}

fn migrations(app: &CurrentApp) -> Result<Migrations> {
    match app.migrations {
        Some(migrations) => Ok(migrations),
        None => refuse(
            "the app has no migrations: give it those of a folder by `.migrations(migrations!(\"migrations\"))`",
        ),
    }
}

/// The migrations of the app, and those of the parts of Flagon that have tables of their own.
fn sets(app: &CurrentApp) -> Vec<Migrations> {
    let sets = Vec::from_iter(app.migrations);
    #[cfg(feature = "jobs")]
    let sets = sets.into_iter().chain((!app.jobs.is_empty()).then_some(flagon_jobs::MIGRATIONS)).collect();
    sets
}

fn all_sets(app: &CurrentApp) -> Result<Vec<Migrations>> {
    let sets = sets(app);
    if sets.is_empty() { migrations(app).map(|migrations| vec![migrations]) } else { Ok(sets) }
}

async fn check(app: &CurrentApp) -> Result<()> {
    app.database.check().await?;
    let tables = app.database.plain_tables().await?;
    let mut text = format!("{}: reachable\n", app.database.options().place());
    for table in &tables {
        let _ = writeln!(
            text,
            "\n{} is of {}: about {} rows, {}\n  {}\n  cure: {}",
            table.name,
            table.engine,
            table.rows,
            size(table.bytes),
            table.loses(),
            table.cure()
        );
    }
    if tables.is_empty() {
        text += "every table can roll back\n";
    }
    print(&text)
}

fn size(bytes: u64) -> String {
    match bytes {
        0..=9_999 => format!("{bytes} bytes"),
        10_000..=9_999_999 => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", bytes / (1024 * 1024)),
    }
}

async fn show(app: &CurrentApp) -> Result<()> {
    let mut text = String::new();
    for migrations in all_sets(app)? {
        for (number, name, state) in migrations.status(app.database.options()).await? {
            let known = migrations.all().iter().find(|migration| migration.number == number);
            if let Some(migration) = known.filter(|_| state == MigrationState::Pending) {
                let sql = match app.database.dialect() {
                    Dialect::MySql => migration.up.mysql,
                    _ => migration.up.sqlite,
                };
                let _ = writeln!(
                    text,
                    "-- {number}_{name}\n{}\n",
                    sql.unwrap_or("-- nothing for this database").trim_end()
                );
            }
        }
    }
    print(if text.is_empty() { "nothing is pending\n" } else { &text })
}

async fn status(app: &CurrentApp) -> Result<()> {
    let mut text = String::new();
    let mut all = Vec::new();
    for migrations in all_sets(app)? {
        all.extend(migrations.status(app.database.options()).await?);
    }
    for (number, name, state) in all {
        let state = match state {
            MigrationState::Done => "done",
            MigrationState::Pending => "pending",
            MigrationState::Changed => "done, and its file was changed since",
            MigrationState::Broken => "stopped in the middle",
            _ => "done, and not in this program",
        };
        let _ = writeln!(text, "{number:>6} {name:<40} {state}");
    }
    print(&text)
}

/// Writes a pair of files with the next number.
fn new(app: &CurrentApp, name: &str, folder: &PathBuf) -> Result<()> {
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return refuse(format!(
            "`{name}` can't be the name of a migration: letters, digits and underscores can"
        ));
    }
    let folder = app.root_path().join(folder);
    if let Err(error) = fs::create_dir_all(&folder) {
        return refuse(format!("the folder {} for migrations can't be made: {error}", folder.display()));
    }
    let numbers = fs::read_dir(&folder)?.flatten().filter_map(|entry| {
        entry.file_name().to_string_lossy().split_once('_').and_then(|(number, _)| number.parse::<u64>().ok())
    });
    let number = numbers.max().unwrap_or(0) + 1;
    let mut text = String::new();
    for (direction, what) in [("up", "what it does"), ("down", "what undoes it")] {
        let file = folder.join(format!("{number:04}_{name}.{direction}.sql"));
        fs::write(&file, format!("-- {what}\n"))?;
        let _ = writeln!(text, "{}", file.display());
    }
    text += "the compiler sees new files when it compiles the app's source again: change or touch the file with migrations!(…)\n";
    print(&text)
}

/// How far a conversion goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Look,
    Convert,
}

async fn convert(app: &CurrentApp, names: &[String], step: Step) -> Result<()> {
    let all = app.database.plain_tables().await?;
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|table| table.name != **name)) {
        return refuse(format!("`{unknown}` is no table here that can't roll back; `db check` lists them"));
    }
    let wanted = all.iter().filter(|table| names.is_empty() || names.contains(&table.name));
    let mut left = 0;
    for table in wanted {
        let obstacles = app.database.obstacles(table).await?;
        let mut text = format!("{} ({}, about {} rows)\n", table.name, table.engine, table.rows);
        for obstacle in &obstacles {
            let _ = writeln!(text, "  {obstacle}");
        }
        print(&text)?;
        if obstacles.iter().any(flagon_sql::Obstacle::is_in_the_way) {
            left += 1;
        } else if step == Step::Convert {
            let shown = |part: f64| terminal::progress(&table.name, part);
            let checksum = app.database.convert(table, shown).await?;
            print(&format!("  is InnoDB now; its checksum is the same, {checksum}\n"))?;
        }
    }
    if left == 0 { Ok(()) } else { refuse(format!("{left} tables can't be converted as they are")) }
}
