//! Where log lines go: a buffer that a thread of its own empties, so that a slow terminal never stalls an event loop.
//!
//! In: whole lines. Out: the same in few writes. When the reader is so slow that the buffer is full, lines are lost and
//! counted rather than waited for.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

/// A way into the buffer; clones lead to the same.
#[derive(Debug, Clone)]
pub(crate) struct Writer(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    buffer: Mutex<Buffer>,
    filled: Condvar,
    written: Condvar,
}

#[derive(Debug, Default)]
struct Buffer {
    lines: Vec<u8>,
    lost: u64,
    is_writing: bool,
}

/// What is kept for a slow reader, in bytes.
const LIMIT: usize = 4 << 20;
/// How long the end of the program waits for the last lines to be read.
const LAST_WAIT: Duration = Duration::from_secs(1);

impl Writer {
    /// Writes to `output` from a thread of its own.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    pub(crate) fn to(output: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let of_thread = Arc::clone(&shared);
        thread::Builder::new().name("flagon-log".into()).spawn(move || of_thread.empty_into(output))?;
        Ok(Self(shared))
    }

    /// Takes a line, which ends in a line feed.
    pub(crate) fn line(&self, line: &[u8]) {
        let mut buffer = self.0.buffer();
        if buffer.lines.len() + line.len() > LIMIT {
            buffer.lost += 1;
            return;
        }
        let was_empty = buffer.lines.is_empty();
        buffer.lines.extend_from_slice(line);
        drop(buffer);
        if was_empty {
            self.0.filled.notify_one();
        }
    }

    /// Waits until what was taken so far is written, or nobody reads it.
    pub(crate) fn flush(&self) {
        let buffer = self.0.buffer();
        let unfinished = |buffer: &mut Buffer| buffer.is_writing || !buffer.lines.is_empty();
        drop(self.0.written.wait_timeout_while(buffer, LAST_WAIT, unfinished));
    }
}

impl Shared {
    fn buffer(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn empty_into(&self, mut output: impl Write) {
        let mut batch = Vec::new();
        loop {
            let mut buffer = self
                .filled
                .wait_while(self.buffer(), |buffer| buffer.lines.is_empty())
                .unwrap_or_else(PoisonError::into_inner);
            mem::swap(&mut batch, &mut buffer.lines);
            let lost = mem::take(&mut buffer.lost);
            buffer.is_writing = true;
            drop(buffer);
            // A log that can't be written can't be told to anyone.
            let _ = output.write_all(&batch);
            if lost > 0 {
                let _ = writeln!(output, "{lost} log lines were lost, since nobody read them in time");
            }
            let _ = output.flush();
            batch.clear();
            self.buffer().is_writing = false;
            self.written.notify_all();
        }
    }
}

impl Write for Writer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.line(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Writer {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
