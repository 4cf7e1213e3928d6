//! Prometheus' text format, version 0.0.4.
//!
//! In: families and their samples. Out: text in which each family stands once, whole and with its kind. Never: a name or a label
//! that a reader would stumble over.

use std::fmt::Write as _;

use super::value::Distribution;

/// What is being written for somebody who reads the metrics.
///
/// # Examples
///
/// ```
/// let metrics = flagon::Metrics::default();
/// metrics.collect(|out| {
///     out.gauge("queue_jobs", "Jobs that wait.");
///     out.sample(&[("queue", "mail")], 3.0);
/// });
/// assert!(metrics.text().contains("queue_jobs{queue=\"mail\"} 3\n"));
/// ```
#[derive(Debug, Default)]
pub struct Exposition {
    text: String,
    family: String,
}

impl Exposition {
    /// Begins the samples of a number that only grows; its name should end in `_total`.
    ///
    /// # Panics
    ///
    /// When `name` is no name: letters, digits, `_` and `:`, not beginning with a digit.
    #[track_caller]
    pub fn counter(&mut self, name: &str, help: &str) {
        self.begin(name, help, "counter");
    }

    /// Begins the samples of a number that goes up and down.
    ///
    /// # Panics
    ///
    /// As [`counter`](Self::counter).
    #[track_caller]
    pub fn gauge(&mut self, name: &str, help: &str) {
        self.begin(name, help, "gauge");
    }

    #[track_caller]
    pub(super) fn histogram(&mut self, name: &str, help: &str) {
        self.begin(name, help, "histogram");
    }

    #[track_caller]
    fn begin(&mut self, name: &str, help: &str, kind: &str) {
        check_name(name);
        self.family.clear();
        self.family.push_str(name);
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// Writes a sample of the family that was begun last.
    ///
    /// # Panics
    ///
    /// When a label's name is none: letters, digits and `_`, not beginning with a digit.
    #[track_caller]
    pub fn sample(&mut self, labels: &[(&str, &str)], value: f64) {
        self.line("", labels, None, value);
    }

    pub(super) fn distribution(&mut self, labels: &[(&str, &str)], distribution: &Distribution) {
        for (bound, count) in distribution.cumulative() {
            self.line("_bucket", labels, Some(bound), float(count));
        }
        self.line("_sum", labels, None, distribution.seconds());
        self.line("_count", labels, None, float(distribution.count()));
    }

    #[track_caller]
    fn line(&mut self, suffix: &str, labels: &[(&str, &str)], bound: Option<&str>, value: f64) {
        let Self { text, family } = self;
        text.push_str(family);
        text.push_str(suffix);
        let mut before = '{';
        for (name, label) in labels.iter().copied().chain(bound.map(|bound| ("le", bound))) {
            check_label(name);
            let _ = write!(text, "{before}{name}=\"");
            for character in label.chars() {
                match character {
                    '\\' => text.push_str("\\\\"),
                    '"' => text.push_str("\\\""),
                    '\n' => text.push_str("\\n"),
                    other => text.push(other),
                }
            }
            text.push('"');
            before = ',';
        }
        if before == ',' {
            text.push('}');
        }
        let _ = match value {
            f64::INFINITY => writeln!(text, " +Inf"),
            f64::NEG_INFINITY => writeln!(text, " -Inf"),
            value => writeln!(text, " {value}"),
        };
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// A count as Prometheus keeps it: exact up to 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "Prometheus' numbers are doubles")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

#[track_caller]
pub(super) fn check_name(name: &str) {
    let is_name = is_word(name, |byte| byte == b':');
    assert!(
        is_name,
        "{name:?} is no name of a metric: write letters, digits, `_` and `:`, not beginning with a digit"
    );
}

#[track_caller]
pub(super) fn check_label(name: &str) {
    let is_name = is_word(name, |_| false) && !name.starts_with("__");
    assert!(
        is_name,
        "{name:?} is no name of a label: write letters, digits and `_`, not beginning with a digit"
    );
}

fn is_word(name: &str, also: impl Fn(u8) -> bool) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || also(byte))
}
