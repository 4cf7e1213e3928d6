//! The lines of the access log.
//!
//! In: events of the access log. Out: a line of text for each. Whatever a client sent is escaped, as Apache does it:
//! no byte of it can end the line, or a field.

use std::fmt::{self, Write as _};

use flagon_http::http_date::HttpDate;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

use super::writer::Writer;
use crate::config::AccessLog;

/// Writes each event as a line.
pub(super) struct Lines {
    format: AccessLog,
    writer: Writer,
}

/// The fields of an event.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) client: String,
    pub(super) method: String,
    pub(super) target: String,
    pub(super) version: String,
    pub(super) status: u64,
    pub(super) size: Option<u64>,
    pub(super) milliseconds: f64,
    pub(super) request: String,
    pub(super) endpoint: Option<String>,
    pub(super) host: String,
    pub(super) referrer: Option<String>,
    pub(super) browser: Option<String>,
}

impl Lines {
    pub(super) fn new(format: AccessLog, writer: Writer) -> Self {
        Self { format, writer }
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line::default();
        event.record(&mut line);
        self.writer.line(line.write(self.format, HttpDate::now()).as_bytes());
    }
}

impl Line {
    /// Writes the line of a request that was answered at `now`.
    pub(super) fn write(&self, format: AccessLog, now: HttpDate) -> String {
        let mut text = String::with_capacity(256);
        let written = match format {
            AccessLog::Off => Ok(()),
            AccessLog::Common => self.common(&mut text, now, None),
            AccessLog::Combined => self.common(&mut text, now, Some((&self.referrer, &self.browser))),
            AccessLog::Json => self.json(&mut text, now),
        };
        debug_assert!(written.is_ok(), "text takes everything");
        text
    }

    fn common(
        &self,
        text: &mut String,
        now: HttpDate,
        combined: Option<(&Option<String>, &Option<String>)>,
    ) -> fmt::Result {
        let date = now.as_str(); // Sun, 06 Nov 1994 08:49:37 GMT
        let (day, month, year, time) = (&date[5..7], &date[8..11], &date[12..16], &date[17..25]);
        let (method, target) = (Escaped(&self.method), Escaped(&self.target));
        write!(text, "{} - - [{day}/{month}/{year}:{time} +0000] ", self.client)?;
        write!(text, "\"{method} {target} {}\" {} {}", self.version, self.status, Known(self.size))?;
        if let Some((referrer, browser)) = combined {
            for field in [referrer, browser] {
                write!(text, " \"{}\"", Escaped(field.as_deref().unwrap_or("-")))?;
            }
        }
        let endpoint = self.endpoint.as_deref().unwrap_or("-");
        writeln!(text, " {:.3} {} {}", self.milliseconds, self.request, Escaped(endpoint))
    }

    fn json(&self, text: &mut String, now: HttpDate) -> fmt::Result {
        let line = serde_json::json!({
            "time": timestamp(now),
            "client": self.client,
            "method": self.method,
            "target": self.target,
            "version": self.version,
            "host": self.host,
            "status": self.status,
            "size": self.size,
            "milliseconds": self.milliseconds,
            "request": self.request,
            "endpoint": self.endpoint,
            "referrer": self.referrer,
            "browser": self.browser,
        });
        writeln!(text, "{line}")
    }
}

/// The date as RFC 3339 writes it.
fn timestamp(date: HttpDate) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let date = date.as_str();
    let month = 1 + MONTHS.iter().position(|month| *month == &date[8..11]).unwrap_or_default();
    format!("{}-{month:02}-{}T{}Z", &date[12..16], &date[5..7], &date[17..25])
}

/// A size, or `-` when it is not known.
struct Known(Option<u64>);

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(size) => write!(f, "{size}"),
            None => f.write_str("-"),
        }
    }
}

/// Text with everything but visible ASCII and spaces as `\xhh`, and quotes and backslashes after a backslash.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            match byte {
                b'"' | b'\\' => write!(f, "\\{}", char::from(byte))?,
                b' '..=b'~' => f.write_char(char::from(byte))?,
                _ => write!(f, "\\x{byte:02x}")?,
            }
        }
        Ok(())
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        let value = value.to_owned();
        match field.name() {
            "method" => self.method = value,
            "target" => self.target = value,
            "endpoint" => self.endpoint = Some(value),
            "host" => self.host = value,
            "referrer" => self.referrer = Some(value),
            "browser" => self.browser = Some(value),
            _ => (),
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "status" => self.status = value,
            "size" => self.size = Some(value),
            _ => (),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "milliseconds" {
            self.milliseconds = value;
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "client" => self.client = format!("{value:?}"),
            "version" => self.version = format!("{value:?}"),
            "request" => self.request = format!("{value:?}"),
            _ => (),
        }
    }
}
