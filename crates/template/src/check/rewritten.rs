//! The source that minijinja is given: the template's own, with escapers put into its holes.

use std::ops::Range;

/// A source that is being written while another is read.
#[derive(Debug, Clone)]
pub(super) struct Rewritten<'a> {
    source: &'a str,
    /// How much of the source has been read.
    read: usize,
    pub(super) text: String,
    /// For each line that was begun, the line of the source.
    pub(super) lines: Vec<usize>,
}

/// A state of it to return to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    read: usize,
    length: usize,
    lines: usize,
}

impl<'a> Rewritten<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self { source, read: 0, text: String::with_capacity(source.len() + source.len() / 8), lines: vec![1] }
    }

    /// Copies the source up to `end`.
    pub(super) fn copy_to(&mut self, end: usize) {
        let Some(copied) = self.source.get(self.read..end) else { return };
        if copied.contains('\n') {
            let mut line = self.source[..self.read].matches('\n').count() + 1;
            for _ in copied.matches('\n') {
                line += 1;
                self.lines.push(line);
            }
        }
        self.text.push_str(copied);
        self.read = end;
    }

    /// Writes `text` after what the source has before `at`.
    pub(super) fn insert(&mut self, at: usize, text: &str) {
        self.copy_to(at);
        self.text.push_str(text);
    }

    /// Writes `text` in place of `span`.
    pub(super) fn replace(&mut self, span: &Range<usize>, text: &str) {
        self.insert(span.start, text);
        self.read = span.end;
    }

    /// Goes on reading the source from `at`, which may be before what has been read.
    pub(super) fn read_from(&mut self, at: usize) {
        self.read = at;
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { read: self.read, length: self.text.len(), lines: self.lines.len() }
    }

    pub(super) fn return_to(&mut self, mark: Mark) {
        self.read = mark.read;
        self.text.truncate(mark.length);
        self.lines.truncate(mark.lines);
    }
}
