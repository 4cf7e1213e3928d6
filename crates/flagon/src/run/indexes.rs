//! The commands `db advise` and `db indexes`.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Read as _, Write as _},
    net::TcpStream,
    path::PathBuf,
    time::Duration,
};

use clap::Args;
use flagon_sql::advice::{Advisor, IndexFigures, Workload};

use super::terminal;
use crate::{
    current_app::CurrentApp,
    error::{Error, Result},
};

/// What advice is asked for.
#[derive(Debug, Args)]
pub(super) struct AdviceArguments {
    /// Logs: the app's own in JSON, the server's slow or general log, or a file of SQL; `-` is the standard input
    logs: Vec<PathBuf>,
    /// The address of the app where it runs in debug mode, such as `http://127.0.0.1:5000`
    #[arg(long, value_name = "ADDRESS")]
    app: Option<String>,
    /// How many rows of each table are copied to try indexes on
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    rows: u64,
    /// Only explain the statements, and try nothing
    #[arg(long)]
    explain_only: bool,
}

/// Prints what is to be said about the statements of a log.
pub(super) async fn advise(app: &CurrentApp, arguments: &AdviceArguments) -> Result<()> {
    let mut workload = Workload::new(app.database.dialect());
    for log in &arguments.logs {
        let text = if log.as_os_str() == "-" {
            io::read_to_string(io::stdin())?
        } else {
            let named = |error| io::Error::other(format!("{}: {error}", log.display()));
            String::from_utf8_lossy(&fs::read(log).map_err(named)?).into_owned()
        };
        if workload.add_log(&text) == 0 {
            return refuse(&format!(
                "no statement is found in {}; a log in JSON, a slow log, a general log or a file of SQL has some",
                log.display()
            ));
        }
    }
    if let Some(address) = &arguments.app {
        workload.add_log(&statements_of(address)?);
    }
    if workload.queries().is_empty() {
        return refuse(
            "there are no statements to look at; name a log, or with --app the address of the app in debug mode, after it answered some requests",
        );
    }
    let advisor = Advisor::new(&app.database).sampled_rows(arguments.rows.max(1));
    let report = if arguments.explain_only {
        advisor.explain(&workload).await?
    } else {
        advisor.advise(&workload).await?
    };
    print(&report.to_string())
}

/// Asks the debug panel of a running app for its statements.
fn statements_of(address: &str) -> Result<String> {
    const PATIENCE: Duration = Duration::from_secs(10);
    const LONGEST: u64 = 16 * 1024 * 1024;
    let host = address.strip_prefix("http://").unwrap_or(address).trim_end_matches('/');
    let failed =
        |error: io::Error| io::Error::other(format!("the app at {address} does not answer: {error}"));
    let mut stream = TcpStream::connect(host).map_err(failed)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET /_flagon/statements.json HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
        .map_err(failed)?;
    let mut answer = Vec::new();
    stream.take(LONGEST).read_to_end(&mut answer).map_err(failed)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).unwrap_or("nothing");
    if status != "200" {
        return refuse(&format!(
            "the app at {address} answers {status} instead of its statements; it gives them in debug mode, to this machine"
        ));
    }
    Ok(body.to_owned())
}

/// Prints what the indexes of `table` are like.
pub(super) async fn indexes(app: &CurrentApp, table: &str) -> Result<()> {
    let indexes = app.database.index_figures(table).await?;
    let mut text = String::new();
    for index in &indexes {
        write_index(index, &mut text);
    }
    if indexes.is_empty() {
        text = format!("{table} has no index\n");
    }
    print(&text)
}

fn write_index(index: &IndexFigures, text: &mut String) {
    let kind = match (index.is_clustered, index.is_unique) {
        (true, _) => "clustered: the rows themselves",
        (false, true) => "secondary, unique",
        (false, false) => "secondary",
    };
    let _ = writeln!(text, "{} ({}): {kind}", index.name, index.columns.join(", "));
    let known = |number: Option<u64>| number.map_or("unknown".to_owned(), |number| number.to_string());
    let _ = writeln!(
        text,
        "  height {}, {} pages of which {} are leaves, {} full",
        known(index.height.map(u64::from)),
        known(index.pages),
        known(index.leaf_pages),
        index.fill.map_or("unknown how".to_owned(), |fill| format!("{:.0} %", fill * 100.0))
    );
    let columns = index.columns.iter().zip(index.selectivity()).zip(&index.distinct);
    for (place, ((_, selectivity), distinct)) in columns.enumerate() {
        let _ = writeln!(
            text,
            "  selectivity of ({}): {:.2} %, {distinct} values in {} entries",
            index.columns[..=place].join(", "),
            selectivity * 100.0,
            index.entries
        );
    }
}

fn print(text: &str) -> Result<()> {
    terminal::print(text).map_err(|failure| io::Error::other(failure.to_string()).into())
}

fn refuse<T>(message: &str) -> Result<T> {
    Err(Error::from(io::Error::other(message)))
}
