//! Numbers that many threads change: counters, gauges, histograms.
//!
//! In: what is to be counted. Out: the sum, when somebody reads. Never: two threads on one cache line.

use std::{
    cell::Cell,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

thread_local! {
    static SHARD: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// How many threads count apart from each other.
pub(super) const SHARDS: usize = 16;

/// The part of every number that the current thread changes.
pub(super) fn shard() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    SHARD.with(|shard| {
        if shard.get() == usize::MAX {
            shard.set(NEXT.fetch_add(1, Relaxed) % SHARDS);
        }
        shard.get()
    })
}

/// A number on a cache line of its own: neighbours would slow each other down.
#[derive(Default)]
#[repr(align(128))]
struct Padded(AtomicU64);

/// A number that only grows. Cloning it gives another handle of the same.
///
/// # Examples
///
/// ```
/// let sent = flagon::Metrics::default().counter("mails_sent_total", "Mails that were sent.");
/// sent.add(2);
/// assert_eq!(sent.value(), 2);
/// ```
#[derive(Clone)]
pub struct Counter(Arc<[Padded; SHARDS]>);

/// A number that goes up and down. Cloning it gives another handle of the same.
///
/// # Examples
///
/// ```
/// let queued = flagon::Metrics::default().gauge("mails_queued", "Mails that wait.");
/// queued.add(3);
/// queued.add(-1);
/// assert_eq!(queued.value(), 2);
/// ```
#[derive(Clone, Default)]
pub struct Gauge(Arc<AtomicI64>);

/// Times, sorted into buckets. Cloning it gives another handle of the same.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// let took = flagon::Metrics::default().histogram("mail_seconds", "How long sending took.");
/// took.observe(Duration::from_millis(3));
/// assert_eq!(took.count(), 1);
/// ```
#[derive(Clone)]
pub struct Histogram(Arc<[Shard; SHARDS]>);

/// What one thread knows of a histogram.
#[derive(Default)]
#[repr(align(128))]
pub(super) struct Shard {
    buckets: [AtomicU64; BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
}

/// The upper ends of the buckets, in microseconds: those of Prometheus' own libraries, and some below them.
const BOUNDS: [u64; 14] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000,
];

/// The same as Prometheus writes them.
const NAMES: [&str; BOUNDS.len() + 1] = [
    "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0",
    "10.0", "+Inf",
];

impl Counter {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    /// Adds `count`.
    pub fn add(&self, count: u64) {
        self.0[shard()].0.fetch_add(count, Relaxed);
    }

    /// The sum.
    pub fn value(&self) -> u64 {
        self.0.iter().map(|shard| shard.0.load(Relaxed)).fold(0, u64::wrapping_add)
    }
}

impl Gauge {
    /// Adds `change`, which may be negative.
    pub fn add(&self, change: i64) {
        self.0.fetch_add(change, Relaxed);
    }

    /// Sets it to `value`.
    pub fn set(&self, value: i64) {
        self.0.store(value, Relaxed);
    }

    /// What it stands at.
    pub fn value(&self) -> i64 {
        self.0.load(Relaxed)
    }
}

impl Histogram {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    /// Sorts `time` in.
    pub fn observe(&self, time: Duration) {
        self.0[shard()].observe(time);
    }

    /// How many times were sorted in.
    pub fn count(&self) -> u64 {
        self.read().counts.iter().sum()
    }

    pub(super) fn read(&self) -> Distribution {
        Distribution::of(self.0.iter())
    }
}

impl Shard {
    pub(super) fn observe(&self, time: Duration) {
        let microseconds = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        // A time of exactly a bound is within it: `le` is "less or equal"; the nanoseconds beyond it count.
        let is_over = |bound: &u64| {
            microseconds > *bound || microseconds == *bound && !time.subsec_nanos().is_multiple_of(1_000)
        };
        let bucket = BOUNDS.iter().take_while(|bound| is_over(bound)).count();
        self.buckets[bucket].fetch_add(1, Relaxed);
        self.nanoseconds.fetch_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }
}

/// What a histogram held when it was read.
pub(super) struct Distribution {
    counts: [u64; BOUNDS.len() + 1],
    nanoseconds: u64,
}

impl Distribution {
    pub(super) fn of<'a>(shards: impl Iterator<Item = &'a Shard>) -> Self {
        let mut all = Self { counts: [0; BOUNDS.len() + 1], nanoseconds: 0 };
        for shard in shards {
            for (sum, bucket) in all.counts.iter_mut().zip(&shard.buckets) {
                *sum += bucket.load(Relaxed);
            }
            all.nanoseconds = all.nanoseconds.wrapping_add(shard.nanoseconds.load(Relaxed));
        }
        all
    }

    /// The name of each bucket's upper end, and how many were at most that.
    pub(super) fn cumulative(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let mut sum = 0;
        NAMES.iter().zip(self.counts).map(move |(name, count)| {
            sum += count;
            (*name, sum)
        })
    }

    pub(super) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    pub(super) fn seconds(&self) -> f64 {
        Duration::from_nanos(self.nanoseconds).as_secs_f64()
    }
}

impl fmt::Debug for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Counter").field(&self.value()).finish()
    }
}

impl fmt::Debug for Gauge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gauge").field(&self.value()).finish()
    }
}

impl fmt::Debug for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Histogram").field("count", &self.count()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Duration};

    use super::{Counter, Histogram};

    #[test]
    fn threads_count_together() {
        let counter = Counter::new();
        thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| (0..1000).for_each(|_| counter.add(1)));
            }
        });
        assert_eq!(counter.value(), 20_000);
    }

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        let histogram = Histogram::new();
        for time in [0, 500_000, 500_001, 1_000_000, 10_000_000_000, 10_000_000_001] {
            histogram.observe(Duration::from_nanos(time));
        }
        let read = histogram.read();
        let counts: Vec<_> = read
            .cumulative()
            .filter(|(name, _)| ["0.0005", "0.001", "10.0", "+Inf"].contains(name))
            .collect();
        assert_eq!(counts, [("0.0005", 2), ("0.001", 4), ("10.0", 5), ("+Inf", 6)]);
        assert!((read.seconds() - 20.002_000_002).abs() < 1e-9);
    }
}
