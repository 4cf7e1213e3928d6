//! Requests by route: how many, how they were answered, how long that took.
//!
//! In: requests as they come and their answers. Out: counts by route, method and status, and times by route. Never: a label that a
//! client chose, since each would be kept for ever; a number that two threads write.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use http::Method;

use super::{
    exposition::{Exposition, float},
    value::{Distribution, SHARDS, Shard, shard},
};
/// What is counted of requests.
pub(crate) struct Requests {
    /// The routes by the places of their endpoints, and last what leads to none.
    routes: Vec<String>,
    /// For each thread the cells of each route, made when the first is asked for.
    cells: Vec<Vec<OnceLock<Box<Cells>>>>,
}

/// What one thread knows of one route.
struct Cells {
    answers: [[AtomicU64; STATUSES]; METHODS.len()],
    times: Shard,
}

const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "other"];

/// The statuses that are told apart; the first of each hundred stands for those that nobody has registered.
const KNOWN: [u16; STATUSES] = [
    100, 101, 102, 103, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 307,
    308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422,
    423, 424, 425, 426, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 506, 507, 508, 511,
];
const STATUSES: usize = 61;

impl Requests {
    /// Counts for these routes, by the places of their endpoints.
    pub(crate) fn new(mut routes: Vec<String>) -> Self {
        routes.push(String::new());
        let of_thread = || routes.iter().map(|_| OnceLock::new()).collect();
        Self { cells: (0..SHARDS).map(|_| of_thread()).collect(), routes }
    }

    /// Counts a request of `route`, if it led to one, that was answered with `status` after `time`.
    pub(crate) fn count(&self, route: Option<usize>, method: &Method, status: u16, time: Duration) {
        let route = route.unwrap_or(self.routes.len() - 1);
        let cells = self.cells[shard()][route].get_or_init(Cells::new);
        cells.answers[place(method)][slot(status)].fetch_add(1, Relaxed);
        cells.times.observe(time);
    }

    /// Writes what was counted.
    pub(crate) fn write(&self, out: &mut Exposition) {
        out.counter(
            "http_requests_total",
            "Requests that were answered, by route, method and status; 499 where the client left.",
        );
        for (at, route) in self.routes.iter().enumerate() {
            for (of_method, method) in METHODS.iter().enumerate() {
                for (of_status, status) in KNOWN.iter().enumerate() {
                    let counts =
                        self.of_route(at).map(|cells| cells.answers[of_method][of_status].load(Relaxed));
                    let count: u64 = counts.sum();
                    if count > 0 {
                        let status = status.to_string();
                        out.sample(
                            &[("route", route), ("method", method), ("status", &status)],
                            float(count),
                        );
                    }
                }
            }
        }
        out.histogram("http_request_duration_seconds", "From the request's head to the answer's, by route.");
        for (at, route) in self.routes.iter().enumerate() {
            if self.of_route(at).next().is_some() {
                let times = Distribution::of(self.of_route(at).map(|cells| &cells.times));
                out.distribution(&[("route", route)], &times);
            }
        }
    }

    fn of_route(&self, at: usize) -> impl Iterator<Item = &Cells> {
        self.cells.iter().filter_map(move |thread| thread[at].get().map(|cells| &**cells))
    }
}

impl Cells {
    fn new() -> Box<Self> {
        let answers = std::array::from_fn(|_| std::array::from_fn(|_| AtomicU64::new(0)));
        Box::new(Self { answers, times: Shard::default() })
    }
}

fn place(method: &Method) -> usize {
    let known = METHODS.iter().position(|known| *known == method.as_str());
    known.unwrap_or(METHODS.len() - 1)
}

fn slot(status: u16) -> usize {
    KNOWN.binary_search(&status).or_else(|_| KNOWN.binary_search(&(status / 100 * 100))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, slot};

    #[test]
    fn each_status_has_a_place() {
        assert!(KNOWN.is_sorted());
        for (status, told) in
            [(200, 200), (204, 204), (299, 200), (404, 404), (499, 499), (420, 400), (599, 500), (101, 101)]
        {
            assert_eq!(KNOWN[slot(status)], told, "{status}");
        }
    }
}
