//! Finds the empty line that ends a head or a trailer section while its bytes trickle in.
//!
//! In: a buffer that grows at its end. Out: where the section ends and where each of its lines does.
//! Never: looks at a byte twice, or beyond the limit.

use std::ops::Range;

use super::refusal::Refusal;

/// How far the search has come.
#[derive(Debug, Default)]
pub(super) struct Section {
    /// Bytes already looked at.
    scanned: usize,
    /// For each whole line the place after its CRLF. Kept from one section to the next, so that a
    /// connection allocates it once.
    ends: Vec<u32>,
}

/// What a section may at most hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct SectionLimits {
    pub(super) first_line: usize,
    pub(super) bytes: usize,
    pub(super) lines: usize,
}

/// Why no section can be found any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SectionError {
    FirstLineTooLong,
    TooLong,
    TooManyLines,
    BareLf,
}

impl Section {
    /// Looks for the end of the section in `buffer`, of which earlier calls saw a prefix.
    ///
    /// Gives the section's length with the empty line; `None` when that line has not arrived.
    pub(super) fn find_end(
        &mut self,
        buffer: &[u8],
        limits: SectionLimits,
    ) -> Result<Option<usize>, SectionError> {
        // Never beyond the limit, so that the outcome does not depend on how the bytes were split.
        let window = &buffer[..buffer.len().min(limits.bytes)];
        let seen = self.scanned;
        for found in memchr::memchr_iter(b'\n', &window[seen..]) {
            let end = seen + found + 1;
            let start = self.line_start();
            if self.ends.is_empty() && end > limits.first_line {
                return Err(SectionError::FirstLineTooLong);
            }
            // RFC 9112 §2.2 lets a recipient take a bare LF for a line's end. Proxies differ on it, and
            // where two readers differ a request can be smuggled, so it is refused.
            if end - start < 2 || window[end - 2] != b'\r' {
                return Err(SectionError::BareLf);
            }
            self.scanned = end;
            if end - start == 2 {
                return Ok(Some(end));
            }
            if self.ends.len() == limits.lines {
                return Err(SectionError::TooManyLines);
            }
            self.ends.push(u32::try_from(end).map_err(|_| SectionError::TooLong)?);
        }
        self.scanned = window.len();
        if self.ends.is_empty() && window.len() >= limits.first_line.min(limits.bytes) {
            return Err(SectionError::FirstLineTooLong);
        }
        if window.len() >= limits.bytes { Err(SectionError::TooLong) } else { Ok(None) }
    }

    /// How many lines the section has so far.
    pub(super) fn line_count(&self) -> usize {
        self.ends.len()
    }

    /// Where each line stands, without its CRLF.
    pub(super) fn lines(&self) -> impl Iterator<Item = Range<usize>> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let end = *end as usize;
            let line = start..end - 2;
            start = end;
            line
        })
    }

    /// How many bytes were looked at so far; the next search starts after them.
    pub(super) fn scanned(&self) -> usize {
        self.scanned
    }

    /// Forgets the section, for the next one.
    pub(super) fn clear(&mut self) {
        self.scanned = 0;
        self.ends.clear();
    }

    fn line_start(&self) -> usize {
        self.ends.last().map_or(0, |end| *end as usize)
    }
}

impl SectionError {
    /// The refusal when the section is a request's head.
    pub(super) fn in_head(self) -> Refusal {
        match self {
            Self::FirstLineTooLong => Refusal::TargetTooLong,
            Self::TooLong => Refusal::HeadTooLarge,
            Self::TooManyLines => Refusal::TooManyHeaders,
            Self::BareLf => Refusal::BareLf,
        }
    }

    /// The refusal when the section is a body's trailers.
    pub(super) fn in_trailers(self) -> Refusal {
        match self {
            Self::FirstLineTooLong | Self::TooLong | Self::TooManyLines => Refusal::TrailersTooLarge,
            Self::BareLf => Refusal::BareLf,
        }
    }
}
