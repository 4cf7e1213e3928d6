//! What statements an app sends: each distinct one once, with how often.

use std::collections::HashMap;

use crate::{
    dialect::Dialect,
    digest::digest,
    statement_log::{LoggedStatement, StatementLog},
};

/// The statements that advice is asked for: each distinct one once, without its values, with how often it came in all and in one request.
///
/// # Examples
///
/// ```
/// use flagon_sql::{Dialect, advice::Workload};
///
/// let mut workload = Workload::new(Dialect::Sqlite);
/// for request in 0..2 {
///     for user in 0..30 {
///         workload.add(&format!("SELECT name FROM user WHERE id = {user}"), Some(request));
///     }
/// }
/// let [query] = workload.queries() else { panic!("one query, whatever its values") };
/// assert_eq!((query.count(), query.most_in_one_request()), (60, 30));
/// assert_eq!(query.digest(), "SELECT name FROM user WHERE id = ?");
/// ```
#[derive(Debug, Clone)]
pub struct Workload {
    dialect: Dialect,
    queries: Vec<Query>,
    by_digest: HashMap<String, usize>,
    left_out: u64,
}

/// One distinct statement of a [`Workload`].
#[derive(Debug, Clone)]
pub struct Query {
    digest: String,
    example: String,
    count: u64,
    current: Option<(u64, u64)>,
    most: u64,
}

impl Query {
    /// Its text without literals.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Its text as it was sent, the first time.
    pub fn example(&self) -> &str {
        &self.example
    }

    /// How often it was sent.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How often at most in one request; 0 when it is not known what belongs to a request.
    pub fn most_in_one_request(&self) -> u64 {
        self.most
    }
}

impl Workload {
    /// How many distinct statements are kept at most; more are counted in [`left_out`](Self::left_out).
    pub const MOST: usize = 500;

    /// No statements yet.
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, queries: Vec::new(), by_digest: HashMap::new(), left_out: 0 }
    }

    /// The statements of one piece of work, such as a request.
    pub fn of_log(dialect: Dialect, log: &StatementLog) -> Self {
        let mut workload = Self::new(dialect);
        log.statements().iter().for_each(|statement| workload.add_logged(statement, 0));
        workload
    }

    /// Adds a statement, and the number of the request that it was sent in, if that is known. Those of one request come together. Only
    /// what reads, changes or removes rows by a condition counts.
    pub fn add(&mut self, sql: &str, request: Option<u64>) {
        if let Some(query) = self.query(sql) {
            query.came(request);
        }
    }

    /// Adds a statement that was sent `count` times, at most `most` times in one request (0 where that is not known).
    pub fn add_counted(&mut self, sql: &str, count: u64, most: u64) {
        if let Some(query) = self.query(sql) {
            query.count += count;
            query.most = query.most.max(most);
        }
    }

    /// The query that `sql` is one of, if it counts and there is room.
    fn query(&mut self, sql: &str) -> Option<&mut Query> {
        let digest = digest(self.dialect, sql);
        let first = digest.split([' ', '(']).next().unwrap_or_default();
        if !["SELECT", "WITH", "UPDATE", "DELETE"].iter().any(|word| word.eq_ignore_ascii_case(first)) {
            return None;
        }
        let place = match self.by_digest.get(&digest) {
            Some(place) => *place,
            None if self.queries.len() >= Self::MOST => {
                self.left_out += 1;
                return None;
            }
            None => {
                self.by_digest.insert(digest.clone(), self.queries.len());
                let example = sql.to_owned();
                self.queries.push(Query { digest, example, count: 0, current: None, most: 0 });
                self.queries.len() - 1
            }
        };
        self.queries.get_mut(place)
    }

    /// Adds a statement that an app has carried out, in request number `request`.
    pub fn add_logged(&mut self, statement: &LoggedStatement, request: u64) {
        if statement.error().is_none() {
            self.add(statement.sql(), Some(request));
        }
    }

    /// Which database they are for.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The distinct statements, in the order in which they first came.
    pub fn queries(&self) -> &[Query] {
        &self.queries
    }

    /// How many there was no room for.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

impl Query {
    fn came(&mut self, request: Option<u64>) {
        self.count += 1;
        let Some(request) = request else { return };
        let times = match self.current {
            Some((current, times)) if current == request => times + 1,
            _ => 1,
        };
        self.current = Some((request, times));
        self.most = self.most.max(times);
    }
}
