//! The other server as a process of our own: started, started again when it ends, stopped with us.
//!
//! In: a command, and where it will listen. Out: a [`Supervisor`], which stops it when it is dropped. Never: starts that follow each
//! other faster than a pause that doubles, or a process that outlives its supervisor.

use std::{
    ffi::OsString,
    fmt, io,
    net::TcpStream,
    path::PathBuf,
    process::{self, Child, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::address::Address;

/// The command that starts another server, such as gunicorn.
///
/// # Examples
///
/// ```
/// use flagon_upstream::{Command, Upstream};
///
/// let gunicorn = Command::new("gunicorn").args(["--bind", "127.0.0.1:8000", "blog:app"]).current_dir("/srv/blog");
/// let old = Upstream::at("http://127.0.0.1:8000")?.started_by(gunicorn);
/// # Ok::<(), flagon_upstream::AddressError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Command {
    program: OsString,
    arguments: Vec<OsString>,
    folder: Option<PathBuf>,
    variables: Vec<(OsString, OsString)>,
}

/// A server that runs as long as this is kept. Dropping it stops the server: by SIGTERM, and where that takes more than ten seconds by
/// SIGKILL, with all processes that it has started in its group.
///
/// # Examples
///
/// See [`Upstream::start`](crate::Upstream::start).
pub struct Supervisor {
    /// Dropped first: that is the word to stop.
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Command {
    /// Runs `program`, which is looked for as a shell would.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self { program: program.into(), arguments: Vec::new(), folder: None, variables: Vec::new() }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<T: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Runs it in `folder`.
    #[must_use]
    pub fn current_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    fn spawn(&self) -> io::Result<Child> {
        let mut command = process::Command::new(&self.program);
        command.args(&self.arguments).envs(self.variables.iter().cloned()).stdin(Stdio::null());
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        // A group of its own: Ctrl-C is for us, and we stop it when the last request is answered.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn()
    }

    /// Starts it, and again whenever it ends.
    pub(crate) fn supervise(self, address: Address) -> io::Result<Supervisor> {
        let (stop, stopped) = mpsc::channel();
        let name = "flagon-upstream".to_owned();
        let thread =
            thread::Builder::new().name(name).spawn(move || self.keep_running(&address, &stopped))?;
        Ok(Supervisor { stop: Some(stop), thread: Some(thread) })
    }

    fn keep_running(&self, address: &Address, stopped: &mpsc::Receiver<()>) {
        let mut pause = PAUSE_FIRST;
        loop {
            let started = Instant::now();
            match self.spawn() {
                Ok(child) => match watch(child, address, stopped) {
                    Ended::Stopped => return,
                    Ended::ByItself => (),
                },
                Err(error) => {
                    let program = self.program.display();
                    tracing::error!(target: "flagon::upstream", %program, %error, "the upstream can't be started");
                }
            }
            pause = if started.elapsed() > STABLE { PAUSE_FIRST } else { (pause * 2).min(PAUSE_MOST) };
            if stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    }
}

/// How a process ended.
enum Ended {
    ByItself,
    Stopped,
}

/// Waits for the end of `child`, or for the word to stop it.
fn watch(mut child: Child, address: &Address, stopped: &mpsc::Receiver<()>) -> Ended {
    let mut is_ready = false;
    loop {
        if stopped.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout) {
            stop(&mut child);
            return Ended::Stopped;
        }
        match child.try_wait() {
            Ok(None) => (),
            Ok(Some(status)) => {
                tracing::error!(target: "flagon::upstream", %status, "the upstream ended by itself; it is started again");
                terminate(&child, Force::Asked); // what it started may be there still
                return Ended::ByItself;
            }
            Err(error) => {
                tracing::error!(target: "flagon::upstream", %error, "the upstream can't be waited for");
                return Ended::ByItself;
            }
        }
        if !is_ready && answers(address) {
            is_ready = true;
            tracing::info!(target: "flagon::upstream", %address, process = child.id(), "the upstream is ready");
        }
    }
}

/// Whether somebody takes connections there.
fn answers(address: &Address) -> bool {
    match address {
        Address::Tcp { host, port } | Address::Tls { host, port } => {
            TcpStream::connect((host.as_str(), *port)).is_ok()
        }
        #[cfg(unix)]
        Address::Unix(path) => std::os::unix::net::UnixStream::connect(path).is_ok(),
        #[cfg(not(unix))]
        Address::Unix(_) => false,
    }
}

/// Ends a process and its group.
fn stop(child: &mut Child) {
    terminate(child, Force::Asked);
    let until = Instant::now() + LAST_WAIT;
    while Instant::now() < until {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        thread::sleep(LOOK / 4);
    }
    terminate(child, Force::Made);
    let _ = child.wait();
}

/// Whether a process is asked to end or made to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Force {
    Asked,
    Made,
}

#[cfg(unix)]
fn terminate(child: &Child, force: Force) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let signal = if force == Force::Asked { Signal::TERM } else { Signal::KILL };
    let _ = kill_process_group(Pid::from_child(child), signal); // it may be gone
}

#[cfg(not(unix))]
fn terminate(child: &Child, _: Force) {
    let _ = child.kill();
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.stop.take();
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Supervisor")
    }
}

const LOOK: Duration = Duration::from_millis(100);
const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_MOST: Duration = Duration::from_secs(30);
/// Who has run that long was no failure.
const STABLE: Duration = Duration::from_secs(30);
const LAST_WAIT: Duration = Duration::from_secs(10);
