//! The page of one request.

use std::{
    fmt::{self, Write as _},
    sync::Arc,
    time::Duration,
};

#[cfg(feature = "sql")]
use super::advice::Advice;
use super::{
    lines::{self, Line},
    list::{clock, status},
    page::{Milliseconds, page},
};
use crate::{escaped::Escaped, recording::Recording};

/// The page of `recording`.
pub(super) fn page_of(recording: &Arc<Recording>, #[cfg(feature = "sql")] advice: &Advice) -> String {
    let mut content = String::with_capacity(32 * 1024);
    write_request(
        &mut content,
        recording,
        #[cfg(feature = "sql")]
        advice,
    )
    .expect("text takes everything");
    page(&format!("{} {}", recording.method, recording.path), &content)
}

fn write_request(
    out: &mut String,
    recording: &Arc<Recording>,
    #[cfg(feature = "sql")] advice: &Advice,
) -> fmt::Result {
    head(out, recording)?;
    out.push_str("<main>\n");
    let lines = lines::of(recording);
    timeline(out, recording, &lines)?;
    stalls(out, recording)?;
    #[cfg(feature = "sql")]
    queries::write(out, recording, advice)?;
    pairs(out, "Query string", &recording.args)?;
    pairs(out, "Fields", &recording.headers)?;
    out.push_str("</main>\n");
    Ok(())
}

/// The times in which it kept everybody on its event loop waiting, and where it stood.
fn stalls(out: &mut String, recording: &Arc<Recording>) -> fmt::Result {
    for stall in recording.stalls() {
        writeln!(
            out,
            "<section class=\"stall\"><h2>It held its event loop for {}</h2>\n<p class=\"soft\">All other requests of that thread waited \
             meanwhile. Make the view a plain <code>fn</code>, or use <code>flagon::blocking</code> or <code>flagon::parallel</code>.</p>",
            Milliseconds(stall.held),
        )?;
        let calls = stall.to_string();
        if !calls.is_empty() {
            writeln!(out, "<pre tabindex=\"0\">{}</pre>", Escaped(calls.trim_start_matches('\n')))?;
        }
        out.push_str("</section>\n");
    }
    Ok(())
}

fn head(out: &mut String, recording: &Arc<Recording>) -> fmt::Result {
    let status = status(recording);
    write!(
        out,
        "<header><p><a href=\"/_flagon/\">Requests</a></p>\n<h1>{} {}</h1>\n<p><span class=\"status {}\">{}</span>",
        Escaped(&recording.method),
        Escaped(&recording.path),
        status.class,
        status.text,
    )?;
    if let Some(outcome) = recording.outcome.get() {
        write!(out, " in {}", Milliseconds(outcome.took))?;
        if let Some(endpoint) = &outcome.endpoint {
            write!(out, " by <code>{}</code>", Escaped(endpoint))?;
        }
    }
    writeln!(out, " · {} UTC · <code>{}</code></p></header>", clock(recording.at), recording.id)
}

/// A bar for each line; a reader by ear gets the numbers.
fn timeline(out: &mut String, recording: &Recording, lines: &[Line]) -> fmt::Result {
    out.push_str("<section>\n<h2>Timeline</h2>\n");
    if lines.is_empty() {
        out.push_str("<p>No hook, view or query ran.</p>\n</section>\n");
        return Ok(());
    }
    let end = lines.iter().map(|line| line.began + line.took).max().unwrap_or_default();
    let whole = recording.outcome.get().map_or(end, |outcome| outcome.took.max(end));
    out.push_str(
        "<table class=\"time\">\n<thead><tr><th scope=\"col\">What</th><th scope=\"col\">From</th><th scope=\"col\">Time</th>\
         <th scope=\"col\" class=\"bar\">Of the whole</th></tr></thead>\n<tbody>\n",
    );
    for line in lines {
        bar_line(out, line, whole)?;
    }
    out.push_str("</tbody>\n</table>\n</section>\n");
    Ok(())
}

fn bar_line(out: &mut String, line: &Line, whole: Duration) -> fmt::Result {
    let part = |time: Duration| 1000.0 * time.as_secs_f64() / whole.as_secs_f64().max(1e-9);
    write!(out, "<tr class=\"{}\"><th scope=\"row\"><span class=\"kind\">{}</span> ", line.class, line.kind)?;
    match line.statement {
        Some(number) => {
            write!(out, "<a href=\"#q{number}\">{number}</a> <code>{}</code>", Escaped(&line.name))?;
        }
        None => write!(out, "{}", Escaped(&line.name))?,
    }
    writeln!(
        out,
        "</th><td>{}</td><td>{}</td><td class=\"bar\"><svg viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect x=\"{:.1}\" y=\"0\" width=\"{:.1}\" height=\"10\"/></svg></td></tr>",
        Milliseconds(line.began),
        Milliseconds(line.took),
        part(line.began),
        part(line.took).max(2.0),
    )
}

fn pairs(out: &mut String, title: &str, pairs: &[(String, String)]) -> fmt::Result {
    if pairs.is_empty() {
        return Ok(());
    }
    write!(out, "<details>\n<summary>{title} <small>{}</small></summary>\n<dl>\n", pairs.len())?;
    for (name, value) in pairs {
        writeln!(out, "<dt>{}</dt><dd>{}</dd>", Escaped(name), Escaped(value))?;
    }
    out.push_str("</dl>\n</details>\n");
    Ok(())
}

#[cfg(feature = "sql")]
mod queries {
    //! The statements, with what is known of each.

    use flagon_sql::LoggedStatement;

    use super::*;
    use crate::debugger::{
        advice::{Extent, Said},
        groups::{self, Group},
        page::Count,
    };

    pub(super) fn write(out: &mut String, recording: &Recording, advice: &Advice) -> fmt::Result {
        let statements = recording.queries();
        if statements.is_empty() {
            return Ok(());
        }
        let took = statements.iter().map(LoggedStatement::took).sum();
        let count = Count(statements.len() as u64, "query");
        write!(out, "<section>\n<h2>{count} in {}</h2>\n", Milliseconds(took))?;
        groups::repeated(&statements).iter().try_for_each(|group| repeated(out, group, &statements))?;
        about_all(out, recording, advice)?;
        out.push_str("<ol class=\"queries\">\n");
        for (place, statement) in statements.iter().enumerate() {
            query(out, place, statement, advice.on(&statement.digest()))?;
        }
        out.push_str("</ol>\n");
        let left_out = recording.statements.left_out();
        if left_out > 0 {
            writeln!(out, "<p class=\"soft\">And {left_out} more, for which there is no room.</p>")?;
        }
        out.push_str("</section>\n");
        Ok(())
    }

    /// How many places of a group are named.
    const SHOWN: usize = 20;

    fn repeated(out: &mut String, group: &Group, statements: &[LoggedStatement]) -> fmt::Result {
        let took = group.places.iter().map(|place| statements[*place].took()).sum();
        write!(
            out,
            "<div class=\"note\">\n<p><strong>N+1: one query {} times</strong>, in {} together. A join, or \
             <code>WHERE … IN (…)</code>, asks for all of it at once.</p>\n<pre tabindex=\"0\"><code>{}</code></pre>\n<p>",
            group.places.len(),
            Milliseconds(took),
            Escaped(&group.digest),
        )?;
        for place in group.places.iter().take(SHOWN) {
            write!(out, "<a href=\"#q{0}\">{0}</a> ", place + 1)?;
        }
        out.push_str(if group.places.len() > SHOWN { "…</p>\n</div>\n" } else { "</p>\n</div>\n" });
        Ok(())
    }

    fn about_all(out: &mut String, recording: &Recording, advice: &Advice) -> fmt::Result {
        for note in &advice.notes {
            writeln!(out, "<p class=\"advice\">{}</p>", Escaped(note))?;
        }
        if advice.extent == Extent::Plans {
            writeln!(
                out,
                "<p><a href=\"/_flagon/requests/{}/advice\">Try which indexes would help</a> \
                 <span class=\"soft\">on a copy of some rows; it may take a minute</span></p>",
                recording.id
            )?;
        }
        Ok(())
    }

    fn query(
        out: &mut String,
        place: usize,
        statement: &LoggedStatement,
        said: Option<&Said>,
    ) -> fmt::Result {
        write!(
            out,
            "<li id=\"q{}\">\n<pre tabindex=\"0\"><code>{}</code></pre>\n<p class=\"soft\">{}",
            place + 1,
            Escaped(statement.sql().trim()),
            Milliseconds(statement.took()),
        )?;
        if let Some(values) = statement.value_count() {
            write!(out, " · {} · {}", Count(statement.rows(), "row"), Count(values as u64, "value"))?;
        }
        if let Some(place) = statement.place() {
            write!(out, " · <code>{}:{}</code>", Escaped(place.file()), place.line())?;
        }
        out.push_str("</p>\n");
        if let Some(error) = statement.error() {
            writeln!(out, "<p class=\"error\">{}</p>", Escaped(error))?;
        }
        if let Some(said) = said {
            for finding in &said.findings {
                writeln!(out, "<p class=\"advice\">{}</p>", Escaped(finding))?;
            }
            if !said.plan.is_empty() {
                let plan = said.plan.join("\n");
                writeln!(
                    out,
                    "<details class=\"plan\"><summary>Plan</summary><pre tabindex=\"0\">{}</pre></details>",
                    Escaped(&plan)
                )?;
            }
        }
        out.push_str("</li>\n");
        Ok(())
    }
}
