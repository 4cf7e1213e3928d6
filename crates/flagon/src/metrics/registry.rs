//! All that an app counts, by name.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{
    exposition::{Exposition, check_label, check_name, float},
    value::{Counter, Gauge, Histogram},
};

/// What an app counts and measures: `current_app().metrics()`.
///
/// Anybody may add to it; what was asked for twice is the same. See the guide's page on [metrics](crate::guide::metrics).
///
/// # Examples
///
/// ```
/// let metrics = flagon::Metrics::default();
/// metrics.counter_with("mails_sent_total", "Mails that were sent.", &[("kind", "welcome")]).add(1);
/// assert!(metrics.text().contains("mails_sent_total{kind=\"welcome\"} 1\n"));
/// ```
#[derive(Default)]
pub struct Metrics {
    families: Mutex<BTreeMap<String, Family>>,
    collectors: Mutex<Vec<Collector>>,
}

type Collector = Box<dyn Fn(&mut Exposition) + Send + Sync>;

/// The numbers of one name.
struct Family {
    help: String,
    series: BTreeMap<Vec<(String, String)>, Value>,
}

#[derive(Clone)]
enum Value {
    Counter(Counter),
    Gauge(Gauge),
    Histogram(Histogram),
}

/// The most label sets of one name: what comes after them counts, and is not shown.
const MAX_SERIES: usize = 1_000;

impl Metrics {
    /// A number that only grows; its name should end in `_total`.
    ///
    /// # Panics
    ///
    /// When `name` is no name of a metric, or one of another kind.
    #[track_caller]
    pub fn counter(&self, name: &str, help: &str) -> Counter {
        self.counter_with(name, help, &[])
    }

    /// A number that only grows, for these labels. Their values should be few: each set is a series of its own, and at most
    /// 1,000 are shown.
    ///
    /// # Panics
    ///
    /// When `name` is no name of a metric, or one of another kind; when a label's name is none.
    #[track_caller]
    pub fn counter_with(&self, name: &str, help: &str, labels: &[(&str, &str)]) -> Counter {
        match self.value(name, help, labels, || Value::Counter(Counter::new())) {
            Value::Counter(counter) => counter,
            _ => panic!(
                "the metric {name:?} is no counter where it was asked for first: give one of the two another name"
            ),
        }
    }

    /// A number that goes up and down.
    ///
    /// # Panics
    ///
    /// As [`counter`](Self::counter).
    #[track_caller]
    pub fn gauge(&self, name: &str, help: &str) -> Gauge {
        self.gauge_with(name, help, &[])
    }

    /// A number that goes up and down, for these labels.
    ///
    /// # Panics
    ///
    /// As [`counter_with`](Self::counter_with).
    #[track_caller]
    pub fn gauge_with(&self, name: &str, help: &str, labels: &[(&str, &str)]) -> Gauge {
        match self.value(name, help, labels, || Value::Gauge(Gauge::default())) {
            Value::Gauge(gauge) => gauge,
            _ => panic!(
                "the metric {name:?} is no gauge where it was asked for first: give one of the two another name"
            ),
        }
    }

    /// Times from half a millisecond to ten seconds, in buckets; its name should end in `_seconds`.
    ///
    /// # Panics
    ///
    /// As [`counter`](Self::counter).
    #[track_caller]
    pub fn histogram(&self, name: &str, help: &str) -> Histogram {
        self.histogram_with(name, help, &[])
    }

    /// Times in buckets, for these labels.
    ///
    /// # Panics
    ///
    /// As [`counter_with`](Self::counter_with).
    #[track_caller]
    pub fn histogram_with(&self, name: &str, help: &str, labels: &[(&str, &str)]) -> Histogram {
        match self.value(name, help, labels, || Value::Histogram(Histogram::new())) {
            Value::Histogram(histogram) => histogram,
            _ => panic!(
                "the metric {name:?} is no histogram where it was asked for first: give one of the two another name"
            ),
        }
    }

    /// Asks `collector` whenever somebody reads: for what is counted elsewhere. The names that it writes must be its own.
    pub fn collect(&self, collector: impl Fn(&mut Exposition) + Send + Sync + 'static) {
        self.collectors.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(collector));
    }

    /// All of it in Prometheus' text format.
    pub fn text(&self) -> String {
        self.text_after(Exposition::default())
    }

    /// All of it, after what is in `out`.
    pub(crate) fn text_after(&self, mut out: Exposition) -> String {
        for collector in self.collectors.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            collector(&mut out);
        }
        for (name, family) in self.families().iter() {
            family.write(name, &mut out);
        }
        out.into_text()
    }

    #[track_caller]
    fn value(&self, name: &str, help: &str, labels: &[(&str, &str)], new: impl FnOnce() -> Value) -> Value {
        check_name(name);
        for (name, _) in labels {
            check_label(name);
        }
        let mut families = self.families();
        let family = families
            .entry(name.to_owned())
            .or_insert_with(|| Family { help: help.to_owned(), series: BTreeMap::new() });
        let mut labels: Vec<_> =
            labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        labels.sort();
        if let Some(known) = family.series.get(&labels) {
            return known.clone();
        }
        let value = new();
        let is_same_kind = family.series.values().next().is_none_or(|first| first.kind() == value.kind());
        if is_same_kind && family.series.len() < MAX_SERIES {
            family.series.insert(labels, value.clone());
        } else if is_same_kind {
            tracing::warn!(name, "a metric has too many sets of labels: a new one is not shown");
        } else {
            return family.series.values().next().expect("one is of another kind").clone();
        }
        value
    }

    fn families(&self) -> MutexGuard<'_, BTreeMap<String, Family>> {
        self.families.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Family {
    fn write(&self, name: &str, out: &mut Exposition) {
        match self.series.values().next().map(Value::kind) {
            Some(Kind::Counter) => out.counter(name, &self.help),
            Some(Kind::Gauge) => out.gauge(name, &self.help),
            Some(Kind::Histogram) => out.histogram(name, &self.help),
            None => return,
        }
        for (labels, value) in &self.series {
            let labels: Vec<_> = labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            match value {
                Value::Counter(counter) => out.sample(&labels, float(counter.value())),
                #[expect(clippy::cast_precision_loss, reason = "Prometheus' numbers are doubles")]
                Value::Gauge(gauge) => out.sample(&labels, gauge.value() as f64),
                Value::Histogram(histogram) => out.distribution(&labels, &histogram.read()),
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Value {
    fn kind(&self) -> Kind {
        match self {
            Self::Counter(_) => Kind::Counter,
            Self::Gauge(_) => Kind::Gauge,
            Self::Histogram(_) => Kind::Histogram,
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.families().keys()).finish()
    }
}
