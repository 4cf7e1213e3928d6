//! A job that is to be done.

/// A job that is to be done: what is called, with which arguments, and when.
///
/// # Examples
///
/// ```
/// use flagon_jobs::NewJob;
///
/// let mut job = NewJob::new("send_mail", "{\"to\":\"ada@example.org\"}");
/// job.priority = 10;
/// assert_eq!((&*job.queue, job.most_attempts), ("default", 1));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewJob {
    /// What is called. At most 190 characters.
    pub name: String,
    /// Its arguments, as JSON. At most 16 MB.
    pub arguments: String,
    /// Where it waits. At most 64 characters.
    pub queue: String,
    /// How urgent it is: the highest is run first.
    pub priority: i32,
    /// When it may be run; at once, without.
    pub run_at: Option<crate::Moment>,
    /// How often it is begun at most, when it fails.
    pub most_attempts: u32,
    /// At most one job of the same key is there that is not at its end. At most 400 characters.
    pub unique: Option<String>,
}

impl NewJob {
    /// A job of the queue `default` that is run at once, and once.
    pub fn new(name: impl Into<String>, arguments: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            arguments: arguments.into(),
            queue: "default".to_owned(),
            priority: 0,
            run_at: None,
            most_attempts: 1,
            unique: None,
        }
    }
}

/// What became of a job that was put into the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// It is there, with this number.
    New(i64),
    /// One of its key was there already, with this number, and nothing was added.
    Already(i64),
}

impl Enqueued {
    /// The number of the job.
    pub fn id(self) -> i64 {
        match self {
            Self::New(id) | Self::Already(id) => id,
        }
    }
}
