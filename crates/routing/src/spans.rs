//! Where the values of variables lie in a host and a path.
//!
//! In: pairs of byte offsets. Out: ranges. Never: allocates for up to six values.

use std::ops::Range;

const INLINE: usize = 6;

/// Byte ranges, in the order of a rule's variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spans {
    inline: [(u32, u32); INLINE],
    length: usize,
    more: Vec<(u32, u32)>,
}

impl Spans {
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    #[inline]
    pub(crate) fn push(&mut self, start: usize, end: usize) {
        let span = (offset(start), offset(end));
        match self.inline.get_mut(self.length) {
            Some(free) => *free = span,
            None => self.more.push(span),
        }
        self.length += 1;
    }

    /// Forgets the values after the first `length`.
    #[inline]
    pub(crate) fn truncate(&mut self, length: usize) {
        self.length = length;
        if !self.more.is_empty() {
            self.more.truncate(length.saturating_sub(INLINE));
        }
    }

    pub(crate) fn range(&self, index: usize) -> Option<Range<usize>> {
        if index >= self.length {
            return None;
        }
        let (start, end) = *self.inline.get(index).or_else(|| self.more.get(index - INLINE))?;
        Some(start as usize..end as usize)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "`Map::find` refuses paths that are not below 4 GiB")]
fn offset(bytes: usize) -> u32 {
    bytes as u32
}
