//! Statements from logs: the app's own, the slow log, the general log, or a file of SQL.

use serde_json::Value;

use super::workload::Workload;

impl Workload {
    /// Adds the statements of a log, whichever it is; gives how many there were.
    ///
    /// | text | is |
    /// |---|---|
    /// | lines of JSON with `sql` | the log of an app (`log.format = "json"`), where `request` or `span.request` tells requests apart |
    /// | an array of JSON | the answer of `/_flagon/statements.json` of an app in debug mode |
    /// | lines with ` Query\t` or ` Execute\t` | the general log of MySQL or MariaDB |
    /// | `# Query_time: …` and the statement behind it | the slow log of MySQL or MariaDB |
    /// | statements that end with `;` | a file of SQL |
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon_sql::{Dialect, advice::Workload};
    ///
    /// let slow = "# User@Host: app[app] @ localhost []\n\
    ///     # Query_time: 2.5  Lock_time: 0.0 Rows_sent: 1  Rows_examined: 90000\n\
    ///     use shop;\nSET timestamp=1764000000;\nSELECT * FROM post\n WHERE author = 7;\n";
    /// let mut workload = Workload::new(Dialect::MySql);
    /// assert_eq!(workload.add_log(slow), 1);
    /// assert_eq!(workload.queries()[0].digest(), "SELECT * FROM post WHERE author = ?");
    /// ```
    pub fn add_log(&mut self, text: &str) -> u64 {
        let before = self.sent();
        let start = text.trim_start();
        if let Some(Value::Array(statements)) =
            start.starts_with('[').then(|| serde_json::from_str(start).ok()).flatten()
        {
            for statement in &statements {
                self.counted(statement);
            }
        } else if text.lines().any(is_json) {
            for line in start.lines() {
                self.line(line);
            }
        } else if text.lines().any(|line| matches!(general(line), General::Statement(_))) {
            self.general_log(text);
        } else {
            self.statements(text);
        }
        self.sent() - before
    }

    /// How many statements there are in all.
    pub fn sent(&self) -> u64 {
        self.queries().iter().map(super::workload::Query::count).sum::<u64>() + self.left_out()
    }

    /// One that an app has counted itself.
    fn counted(&mut self, statement: &Value) {
        let Some(sql) = statement["sql"].as_str() else { return };
        let number = |name: &str, least| statement[name].as_u64().unwrap_or(least);
        self.add_counted(sql, number("count", 1), number("most_in_one_request", 0));
    }

    /// One line of a log in JSON.
    fn line(&mut self, line: &str) {
        let Ok(line) = serde_json::from_str::<Value>(line) else { return };
        let Some(sql) = line["sql"].as_str().or(line["fields"]["sql"].as_str()) else { return };
        let request =
            [&line["request"], &line["fields"]["request"], &line["span"]["request"], &line["span"]["id"]]
                .into_iter()
                .find(|id| !id.is_null())
                .map(|id| id.as_u64().unwrap_or_else(|| hashed(&id.to_string())));
        self.add(sql, request);
    }

    /// The text of a connection's statement may go on in the next lines.
    fn general_log(&mut self, text: &str) {
        let mut current: Option<String> = None;
        for line in text.lines() {
            let next = match general(line) {
                General::Statement(sql) => Some(sql.to_owned()),
                General::Other => None,
                General::More => {
                    if let Some(sql) = &mut current {
                        sql.push('\n');
                        sql.push_str(line);
                    }
                    continue;
                }
            };
            if let Some(sql) = std::mem::replace(&mut current, next) {
                self.add(&sql, None);
            }
        }
        if let Some(sql) = current {
            self.add(&sql, None);
        }
    }

    /// The slow log is a file of SQL with comments between, and so are dumps.
    fn statements(&mut self, text: &str) {
        let mut sql = String::new();
        for line in text.lines() {
            if sql.trim().is_empty() && (line.starts_with('#') || line.starts_with("--") || is_heading(line))
            {
                continue;
            }
            sql.push_str(line);
            sql.push('\n');
            if line.trim_end().ends_with(';') {
                self.add(sql.trim(), None);
                sql.clear();
            }
        }
        self.add(sql.trim(), None);
    }
}

/// Whether a line of an app's log is about a statement; lines of other kinds may stand between.
fn is_json(line: &str) -> bool {
    line.starts_with('{') && line.contains("\"sql\"")
}

/// What the server writes at its start.
fn is_heading(line: &str) -> bool {
    line.starts_with("Tcp port:") || line.starts_with("Time ") || line.contains(", Version: ")
}

/// A line of the general log.
enum General<'l> {
    Statement(&'l str),
    /// Something else that a client did.
    Other,
    /// It goes on with what was there.
    More,
}

fn general(line: &str) -> General<'_> {
    const COMMANDS: [&str; 8] =
        ["Query", "Execute", "Prepare", "Connect", "Quit", "Init DB", "Statistics", "Close stmt"];
    // A time or nothing, the number of the connection, the command, and what it is about.
    let Some((time, rest)) = line.split_once('\t') else { return General::More };
    let rest = rest.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
    let Some((command, sql)) = rest.split_once('\t') else { return General::More };
    match command {
        "Query" | "Execute" if is_time(time) => General::Statement(sql),
        command if COMMANDS.contains(&command) && is_time(time) => General::Other,
        _ => General::More,
    }
}

fn is_time(text: &str) -> bool {
    text.is_empty() || text.starts_with(|c: char| c.is_ascii_digit())
}

fn hashed(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;

    fn digests(text: &str) -> Vec<(String, u64, u64)> {
        let mut workload = Workload::new(Dialect::MySql);
        workload.add_log(text);
        let queries = workload.queries().iter();
        queries.map(|query| (query.digest().to_owned(), query.count(), query.most_in_one_request())).collect()
    }

    #[test]
    fn every_kind_of_log_is_read() {
        let expected = [("SELECT a FROM t WHERE b = ?".to_owned(), 2, 0)];
        let general = "/usr/sbin/mariadbd, Version: 10.11.19. started with:\nTcp port: 0  Unix socket: s\n\
            Time\t\t    Id Command\tArgument\n\
            2026-11-23T10:00:00.000000Z\t    3 Connect\troot@localhost on a using Socket\n\
            \t\t    3 Query\tSELECT a FROM t\nWHERE b = 1\n\t\t    3 Execute\tSELECT a FROM t WHERE b = 'x'\n\t\t    3 Quit\t\n";
        let slow = "/usr/sbin/mariadbd, Version: 10.11.19. started with:\nTcp port: 0  Unix socket: s\nTime\t\t    Id Command\tArgument\n\
            # Time: 261123 10:00:00\n# Query_time: 1.0  Lock_time: 0.0\nuse a;\nSET timestamp=1;\nSELECT a FROM t\nWHERE b = 1;\n\
            # Query_time: 1.0\nSET timestamp=2;\nSELECT a FROM t WHERE b = 2;\n";
        let array = r#"[{"sql": "SELECT a FROM t WHERE b = ?", "count": 2, "most_in_one_request": 0}]"#;
        let lines = "127.0.0.1 - - \"GET / HTTP/1.1\" 200\n{\"target\":\"x\"}\n{\"fields\":{\"sql\":\"SELECT a FROM t WHERE b = ?\"}}\n{\"sql\":\"SELECT a FROM t WHERE b = ?\"}\n";
        for text in [general, slow, array, lines, "SELECT a FROM t WHERE b = 1;\nSELECT a FROM t WHERE b = 2"]
        {
            assert_eq!(digests(text), expected, "{text}");
        }
        let of_requests = "{\"sql\":\"SELECT 1\",\"request\":\"a\"}\n{\"sql\":\"SELECT 2\",\"request\":\"a\"}\n{\"sql\":\"SELECT 2\",\"request\":\"b\"}\n";
        assert_eq!(digests(of_requests), [("SELECT ?".to_owned(), 3, 2)]);
        assert_eq!(digests("not a log at all"), []);
    }
}
