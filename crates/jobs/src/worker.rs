//! Who runs jobs.

use std::fs;

/// A worker: a process, or a part of one, that runs jobs and says from time to time that it is alive.
///
/// # Examples
///
/// ```
/// use flagon_jobs::Worker;
///
/// let (one, other) = (Worker::of_this_process(), Worker::of_this_process());
/// assert_ne!(one.id(), other.id());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    id: String,
    host: String,
    pid: u32,
}

impl Worker {
    /// A new worker of this process. One that was thought dead comes back as another.
    pub fn of_this_process() -> Self {
        let mut random = [0; 16];
        // Without random numbers ids are still of this process alone.
        let _ = getrandom::fill(&mut random);
        let (pid, host) = (std::process::id(), host());
        random[12..].copy_from_slice(&pid.to_be_bytes());
        Self { id: format!("{:032x}", u128::from_be_bytes(random)), host, pid }
    }

    /// What it is known by: 32 hexadecimal digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name of its machine.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.pid
    }
}

fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name: String = name.trim().chars().take(190).collect();
    if name.is_empty() { "?".to_owned() } else { name }
}
