//! The page with the jobs of the app.

use std::fmt::{self, Write as _};

use flagon_jobs::{Job, Moment, State};

use super::page::page;
use crate::{context::Context, escaped::Escaped};

/// How many are shown.
const MOST: u32 = 200;

/// The page of the queue, the newest first.
pub(super) async fn page_of(context: &Context) -> String {
    let queue = &context.app().jobs.queue;
    let mut html = String::with_capacity(16 * 1024);
    let asked = async {
        let (jobs, counts) = (queue.list(None, None, MOST).await?, queue.counts().await?);
        let workers = queue.workers(Moment::now()).await?;
        let counted = State::ALL.into_iter().filter(|state| counts.of(*state) > 0);
        let counted: Vec<_> = counted.map(|state| format!("{} {state}", counts.of(state))).collect();
        Ok::<_, flagon_sql::Error>((jobs, format!("{}; workers alive: {workers}", counted.join(", "))))
    };
    html.push_str("<header><p><a href=\"/_flagon/\">Requests</a></p>\n<h1>Jobs</h1></header>\n<main>\n");
    match asked.await {
        Ok((jobs, summary)) => write_all(&mut html, &jobs, &summary),
        Err(error) => writeln!(html, "<p class=\"error\">{}</p>", Escaped(&error.to_string())),
    }
    .expect("text takes everything");
    html.push_str("</main>\n");
    page("Jobs", &html)
}

fn write_all(out: &mut String, jobs: &[Job], summary: &str) -> fmt::Result {
    writeln!(
        out,
        "<p class=\"soft\">{}. At most {MOST} are shown. <a href=\"/_flagon/jobs\">Look again</a></p>",
        Escaped(summary)
    )?;
    out.push_str(
        "<table class=\"list\">\n<thead><tr><th scope=\"col\">Job</th><th scope=\"col\">State</th><th scope=\"col\">Tries</th>\
         <th scope=\"col\">Queue</th><th scope=\"col\">When (UTC)</th></tr></thead>\n<tbody>\n",
    );
    jobs.iter().try_for_each(|job| row(out, job))?;
    out.push_str("</tbody>\n</table>\n");
    Ok(())
}

fn row(out: &mut String, job: &Job) -> fmt::Result {
    let class = match job.state {
        State::Done => "good",
        State::Dead => "bad",
        State::Running => "warn",
        _ => "open",
    };
    write!(
        out,
        "<tr><th scope=\"row\"><b>{} {}</b> <code>{}</code>",
        job.id,
        Escaped(&job.name),
        Escaped(&job.arguments.chars().take(300).collect::<String>())
    )?;
    if let Some(error) = &job.error {
        write!(
            out,
            "<br><span class=\"error\">{}</span>",
            Escaped(&error.chars().take(500).collect::<String>())
        )?;
    }
    let when = job.finished.unwrap_or(job.run_at);
    writeln!(
        out,
        "</th><td data-is=\"status\"><span class=\"status {class}\">{}</span></td><td data-is=\"time\">{} of {}</td>\
         <td data-is=\"queries\">{}</td><td data-is=\"when\">{when}</td></tr>",
        job.state,
        job.attempts,
        job.most_attempts,
        Escaped(&job.queue)
    )
}
