//! `jobs list` and its kin: what people ask of the queue at a terminal.
//!
//! In: an [`Action`], read by clap. Out: the text to print. Never: prints itself, and never runs a job.

mod table;

use std::fmt::Write as _;

use clap::{Args, Subcommand, ValueEnum};
use flagon_sql::{ErrorKind, Result};
use serde::Serialize;

use crate::{
    listing::{Counts, Job},
    moment::Moment,
    queue::Queue,
    state::State,
};

use table::Table;

/// What is asked of the queue.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// List jobs, the newest first
    List(Listing),
    /// Show all that is known of a job
    Show {
        /// Its number
        id: i64,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Run jobs again that are dead or cancelled, or now instead of later
    Retry {
        /// Their numbers
        #[arg(required_unless_present = "dead")]
        ids: Vec<i64>,
        /// All dead ones
        #[arg(long, conflicts_with = "ids")]
        dead: bool,
        /// Only jobs of this name
        #[arg(long, requires = "dead")]
        name: Option<String>,
    },
    /// Cancel jobs; what is just being done for one is rolled back
    Cancel {
        /// Their numbers
        #[arg(required = true)]
        ids: Vec<i64>,
    },
    /// List the jobs that failed too often, with their errors
    Dead(Shown),
    /// List the schedules, and when each is due
    Schedules {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// Which jobs are listed.
#[derive(Debug, Args)]
pub struct Listing {
    /// Only jobs that stand there
    #[arg(long, value_enum)]
    state: Option<StateWord>,
    #[command(flatten)]
    shown: Shown,
}

/// How jobs are listed.
#[derive(Debug, Args)]
pub struct Shown {
    /// Only jobs of this name
    #[arg(long)]
    name: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum StateWord {
    Waiting,
    Ready,
    Running,
    Done,
    Dead,
    Cancelled,
}

impl From<StateWord> for State {
    fn from(word: StateWord) -> Self {
        match word {
            StateWord::Waiting => Self::Waiting,
            StateWord::Ready => Self::Ready,
            StateWord::Running => Self::Running,
            StateWord::Done => Self::Done,
            StateWord::Dead => Self::Dead,
            StateWord::Cancelled => Self::Cancelled,
        }
    }
}

/// Whether the text may have colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// It may: it goes to a terminal, and `NO_COLOR` is not set.
    Use,
    /// It may not.
    Avoid,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The text.
    pub text: String,
    /// Whether everything that was asked for could be done.
    pub is_complete: bool,
}

impl Answer {
    fn complete(text: String) -> Self {
        Self { text, is_complete: true }
    }
}

/// Does what `action` says.
///
/// # Errors
///
/// When the database refuses it.
pub async fn answer(queue: &Queue, action: &Action, colours: Colours) -> Result<Answer> {
    let now = Moment::now();
    match action {
        Action::List(Listing { state, shown }) => list(queue, state.map(State::from), shown, colours).await,
        Action::Dead(shown) => dead(queue, shown, colours).await,
        Action::Show { id, json } => show(queue, *id, *json, colours).await,
        Action::Retry { dead: true, name, .. } => {
            let count = queue.retry_dead(name.as_deref(), now).await?;
            Ok(Answer::complete(format!("{count} dead jobs are ready again\n")))
        }
        Action::Retry { ids, .. } => {
            let mut answer = Answer::complete(String::new());
            for &id in ids {
                answer.add(id, retry(queue, id, now).await?.as_deref(), "is ready again");
            }
            Ok(answer)
        }
        Action::Cancel { ids } => {
            let mut answer = Answer::complete(String::new());
            for &id in ids {
                let done = if queue.cancel(id, now).await? { None } else { Some(standing(queue, id).await?) };
                answer.add(id, done.as_deref(), "is cancelled");
            }
            Ok(answer)
        }
        Action::Schedules { json } => schedules(queue, *json, colours).await,
    }
}

impl Answer {
    fn add(&mut self, id: i64, problem: Option<&str>, done: &str) {
        self.is_complete &= problem.is_none();
        let _ = writeln!(self.text, "{id} {}", problem.unwrap_or(done));
    }
}

/// What kept the job from being run again.
async fn retry(queue: &Queue, id: i64, now: Moment) -> Result<Option<String>> {
    match queue.retry(id, now).await {
        Ok(true) => Ok(None),
        Ok(false) => Ok(Some(standing(queue, id).await?)),
        Err(error) if error.kind() == ErrorKind::Unique => {
            Ok(Some("has a key that another job has by now".to_owned()))
        }
        Err(error) => Err(error),
    }
}

async fn standing(queue: &Queue, id: i64) -> Result<String> {
    let job = queue.find(id).await?;
    Ok(job.map_or_else(|| "is not here".to_owned(), |job| format!("is {} already", job.state)))
}

async fn list(queue: &Queue, state: Option<State>, shown: &Shown, colours: Colours) -> Result<Answer> {
    let jobs = queue.list(state, shown.name.as_deref(), shown.limit).await?;
    if shown.json {
        return Ok(Answer::complete(json(&jobs)));
    }
    let counts = queue.counts().await?;
    let mut text = summary(&counts, queue.workers(Moment::now()).await?, colours);
    if !jobs.is_empty() {
        text.push('\n');
        text += &jobs_table(&jobs, colours);
    }
    Ok(Answer::complete(text))
}

/// How many there are, in a line.
fn summary(counts: &Counts, workers: u64, colours: Colours) -> String {
    let counted = State::ALL.into_iter().filter(|state| counts.of(*state) > 0);
    let parts: Vec<_> = counted
        .map(|state| format!("{} {}", counts.of(state), table::coloured(state.word(), state, colours)))
        .collect();
    let parts = if parts.is_empty() { "no jobs".to_owned() } else { parts.join(", ") };
    format!("{parts}; {workers} {} alive\n", if workers == 1 { "worker" } else { "workers" })
}

fn jobs_table(jobs: &[Job], colours: Colours) -> String {
    let mut table = Table::new(&["ID", "STATE", "JOB", "QUEUE", "TRIES", "WHEN (UTC)", "ARGUMENTS"]);
    for job in jobs {
        let when = job.finished.or(job.started.filter(|_| job.state == State::Running)).unwrap_or(job.run_at);
        table.add(
            [
                job.id.to_string(),
                job.state.to_string(),
                job.name.clone(),
                job.queue.clone(),
                format!("{}/{}", job.attempts, job.most_attempts),
                when.to_string(),
                table::one_line(&job.arguments, 60),
            ],
            job.state,
        );
    }
    table.text(colours)
}

async fn dead(queue: &Queue, shown: &Shown, colours: Colours) -> Result<Answer> {
    let jobs = queue.list(Some(State::Dead), shown.name.as_deref(), shown.limit).await?;
    if shown.json {
        return Ok(Answer::complete(json(&jobs)));
    }
    if jobs.is_empty() {
        return Ok(Answer::complete("no job is dead\n".to_owned()));
    }
    let mut text = String::new();
    for job in &jobs {
        let id = table::coloured(&job.id.to_string(), State::Dead, colours);
        let at = job.finished.unwrap_or(job.run_at);
        let _ = writeln!(text, "{id}  {}  {at}  tries: {}", job.name, job.attempts);
        let _ = writeln!(text, "    {}", table::one_line(&job.arguments, 110));
        for line in job.error.as_deref().unwrap_or("no error is known").lines().take(3) {
            let _ = writeln!(text, "    {}", table::one_line(line, 110));
        }
    }
    text += "\nrun one again with: jobs retry ID; all of them with: jobs retry --dead\n";
    Ok(Answer::complete(text))
}

async fn show(queue: &Queue, id: i64, as_json: bool, colours: Colours) -> Result<Answer> {
    let Some(job) = queue.find(id).await? else {
        return Ok(Answer { text: format!("there is no job {id}\n"), is_complete: false });
    };
    if as_json {
        return Ok(Answer::complete(json(&job)));
    }
    let mut text = String::new();
    let mut line = |name: &str, value: &dyn std::fmt::Display| {
        let _ = writeln!(text, "{name:<10} {value}");
    };
    line("job", &format_args!("{} {}", job.id, job.name));
    line("state", &table::coloured(job.state.word(), job.state, colours));
    line("queue", &format_args!("{}, priority {}", job.queue, job.priority));
    line(
        "tries",
        &format_args!("{} of {}, worker lost {} times", job.attempts, job.most_attempts, job.losses),
    );
    line("arguments", &table::one_line(&job.arguments, 2000));
    if let Some(unique) = &job.unique {
        line("unique", &table::one_line(unique, 400));
    }
    line("created", &job.created);
    line("run at", &job.run_at);
    for (name, moment) in [("started", job.started), ("finished", job.finished)] {
        if let Some(moment) = moment {
            line(name, &moment);
        }
    }
    if let Some(worker) = &job.worker {
        line("worker", worker);
    }
    if let Some(error) = &job.error {
        line("error", &table::printable(error).replace('\n', "\n           "));
    }
    Ok(Answer::complete(text))
}

async fn schedules(queue: &Queue, as_json: bool, colours: Colours) -> Result<Answer> {
    let rows = queue.schedules().await?;
    if as_json {
        return Ok(Answer::complete(json(&rows)));
    }
    if rows.is_empty() {
        return Ok(Answer::complete("no worker has met a schedule yet\n".to_owned()));
    }
    let mut table = Table::new(&["JOB", "SCHEDULE", "NEXT (UTC)", "LAST (UTC)"]);
    for row in rows {
        let shown =
            |moment: Option<Moment>| moment.map_or_else(|| "never".to_owned(), |moment| moment.to_string());
        table.add([row.name, row.expression, shown(row.next), shown(row.last)], State::Ready);
    }
    Ok(Answer::complete(table.text(colours)))
}

fn json(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_else(|error| error.to_string());
    text.push('\n');
    text
}
