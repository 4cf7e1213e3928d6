//! What advice consists of.

use std::fmt;

/// What is said about a [`Workload`](super::Workload). Its `Display` is the text of `db advise`.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Report {
    /// About each distinct statement, in their order.
    pub queries: Vec<QueryReport>,
    /// Indexes that were tried, and helped.
    pub proposals: Vec<Proposal>,
    /// Indexes that another one makes needless.
    pub redundant: Vec<RedundantIndex>,
    /// Indexes that nothing has used, as far as is known.
    pub unused: Vec<UnusedIndex>,
    /// What could not be looked at, and why.
    pub notes: Vec<String>,
}

/// What is said about one statement.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct QueryReport {
    /// Its text without literals.
    pub digest: String,
    /// How often it was sent.
    pub count: u64,
    /// How the database carries it out, a line for each step.
    pub plan: Vec<String>,
    /// What there is to say about that.
    pub findings: Vec<Finding>,
    /// The places of what would help in [`Report::proposals`].
    pub proposals: Vec<usize>,
    /// Why nothing could be found out about it.
    pub failure: Option<String>,
}

/// Something that a statement does and that may be slow.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// The table it is about.
    pub table: Option<String>,
    /// What it is here, in a sentence, with what to do where no index helps.
    pub text: String,
}

/// What a [`Finding`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FindingKind {
    /// All rows of a table are read.
    FullScan,
    /// Rows are sorted.
    Filesort,
    /// Rows are put into a temporary table.
    TemporaryTable,
    /// A column is compared with a value of another type or collation, so that its index can't be used.
    ImplicitConversion,
    /// A column stands within a function or a calculation, so that its index can't be used.
    FunctionOnColumn,
    /// There is an index with the column, and other columns come before it there.
    LeftmostPrefix,
    /// An index finds the rows, and one with a few more columns would also hold all that is asked for.
    CouldCover,
    /// The same statement is sent many times in one request.
    NPlusOne,
    /// Rows before a page are read to be passed over, the more the later the page.
    OffsetGrows,
}

impl FindingKind {
    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::FullScan => "full scan",
            Self::Filesort => "sorting",
            Self::TemporaryTable => "temporary table",
            Self::ImplicitConversion => "implicit conversion",
            Self::FunctionOnColumn => "function on a column",
            Self::LeftmostPrefix => "not the leftmost column",
            Self::CouldCover => "could be covered",
            Self::NPlusOne => "N+1",
            Self::OffsetGrows => "offset grows",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.text)
    }
}

/// An index that was tried on a scratch copy, and helped.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Proposal {
    /// The table.
    pub table: String,
    /// The columns, in their order.
    pub columns: Vec<String>,
    /// The statement that makes it.
    pub ddl: String,
    /// What it changed, for each statement that uses it.
    pub gains: Vec<Gain>,
    /// Of how many rows the scratch copy of the table was.
    pub sampled_rows: u64,
}

/// What a statement costs without and with an index, both measured on the scratch copy.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Gain {
    /// The place of the statement in [`Report::queries`].
    pub query: usize,
    /// Without it.
    pub before: Measured,
    /// With it.
    pub after: Measured,
}

/// What a statement cost when it was carried out once.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measured {
    /// How much was read.
    pub work: Work,
    /// How often a page was looked at, where the server says so; a row that an index finds takes a visit to each level of two trees.
    pub pages: Option<u64>,
    /// How it was carried out, in a line.
    pub plan: String,
}

/// How much a statement read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Work {
    /// Rows and entries of indexes, by the server's `Handler_read` counters.
    Rows(u64),
    /// SQLite counts no rows: steps of its machine, three or more for each row.
    Steps(u64),
}

impl Work {
    /// The number alone.
    pub fn amount(self) -> u64 {
        match self {
            Self::Rows(amount) | Self::Steps(amount) => amount,
        }
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.work {
            Work::Rows(rows) => write!(f, "{rows} rows read")?,
            Work::Steps(steps) => write!(f, "{steps} steps")?,
        }
        match self.pages {
            Some(pages) => write!(f, ", {pages} page visits"),
            None => Ok(()),
        }
    }
}

/// An index that another one makes needless.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedundantIndex {
    /// The table.
    pub table: String,
    /// The index.
    pub index: String,
    /// The one that begins with the same columns.
    pub served_by: String,
    /// The statement that removes it.
    pub ddl: String,
}

/// An index that nothing has used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnusedIndex {
    /// The table.
    pub table: String,
    /// The index.
    pub index: String,
    /// How that is known.
    pub since: String,
}
