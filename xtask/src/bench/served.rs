//! A program that serves while it is measured, and what a load generator sees of it.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::failure::{Failure, Result, While as _};

/// A server on a core of its own; it is stopped by its pid when this is dropped.
pub(super) struct Served {
    pub(super) name: &'static str,
    address: SocketAddr,
    process: Child,
}

/// What was seen in one round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) per_second: f64,
    /// Of the server, in its own code and in the kernel's.
    pub(super) microseconds_each: f64,
}

impl Served {
    /// Starts what `command` makes for an address, on the core `core`.
    pub(super) fn start(
        name: &'static str,
        core: usize,
        command: impl FnOnce(&mut Command, SocketAddr),
        log: &Path,
    ) -> Result<Self> {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).while_doing("looking for a free port")?;
        let address = free.local_addr().while_doing("looking for a free port")?;
        drop(free);
        let mut started = Command::new("taskset");
        started.args(["-c", &core.to_string()]);
        command(&mut started, address);
        let log = fs::File::create(log).while_doing("making a log")?;
        started.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let process = started.spawn().while_doing(format_args!("starting {name}"))?;
        let served = Self { name, address, process };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            if begun.elapsed() > Duration::from_secs(30) {
                return Err(Failure::new(format!("{name} does not serve")));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(served)
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Has wrk ask it by `script` from the core `core`.
    pub(super) fn measure(&self, core: usize, script: &Path, connections: u32, seconds: u32) -> Result<Seen> {
        let before = self.ticks()?;
        let output = Command::new("taskset")
            .args([
                "-c",
                &core.to_string(),
                "wrk",
                "-t1",
                &format!("-c{connections}"),
                &format!("-d{seconds}s"),
            ])
            .arg("-s")
            .arg(script)
            .arg(format!("http://{}", self.address))
            .output()
            .while_doing("starting wrk, which `cargo xtask setup` installs")?;
        let said = String::from_utf8_lossy(&output.stdout);
        let number = |name: &str| -> Option<f64> {
            let line = said.lines().find(|line| line.trim_start().starts_with(name))?;
            line.split_once(':')?.1.split_whitespace().next()?.parse().ok()
        };
        if said.contains("Non-2xx") || said.contains("Socket errors") {
            return Err(Failure::new(format!("{} fails under load:\n{said}", self.name)));
        }
        let requests = said.lines().find(|line| line.contains(" requests in "));
        let requests: Option<f64> = requests.and_then(|line| line.split_whitespace().next()?.parse().ok());
        let (Some(per_second), Some(requests)) = (number("Requests/sec"), requests) else {
            return Err(Failure::new(format!("wrk said something else:\n{said}")));
        };
        let ticks = self.ticks()? - before;
        // USER_HZ is 100 on Linux: proc(5).
        Ok(Seen { per_second, microseconds_each: ticks * 10_000.0 / requests })
    }

    /// How much time the processor gave it: utime and stime of proc(5).
    fn ticks(&self) -> Result<f64> {
        let path = format!("/proc/{}/stat", self.process.id());
        let stat = fs::read_to_string(&path).while_doing(format_args!("reading {path}"))?;
        let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let field = |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok());
        match (field(11), field(12)) {
            (Some(user), Some(system)) => Ok(user + system),
            _ => Err(Failure::new(format!("{path} has another form"))),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
