//! Matches a part of a rule that has several variables, such as `<year>-<int:month>` or `<path:a>/x/<path:b>`.
//!
//! In: literal texts and shapes in a row, and a text. Out: where each variable's value lies, chosen as a
//! backtracking regular expression would: every variable in turn is as long as it can be (across slashes: as
//! short) while the rest still matches.
//! Never: backtracks. From the last piece to the first, one sweep over the text finds from where the rest
//! matches, so the time is the number of pieces times the length of the text, whatever either holds.

use std::slice;

use crate::{
    Converter, Reach,
    converter::{Length, Sign},
    shape::{Shape, is_uuid},
};

/// A literal text or a variable of a part.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Literal(Box<str>),
    Variable(Shape),
}

/// What one search may spend, and has spent.
#[derive(Debug)]
pub(crate) struct Effort {
    /// Pairs of a piece and a position that were looked at.
    #[cfg(test)]
    pub(crate) steps: usize,
    /// Characters that may still be shown to the application's own converters between other variables.
    own_characters: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            #[cfg(test)]
            steps: 0,
            own_characters: 1 << 16,
        }
    }
}

impl Effort {
    /// Whether a text of so many characters may be shown to an own converter; every look costs.
    fn affords(&mut self, length: usize) -> bool {
        let left = self.own_characters.checked_sub(length + 1);
        self.own_characters = left.unwrap_or(0);
        left.is_some()
    }
}

/// No position.
const NONE: u32 = u32::MAX;

/// Finds where the values of `pieces` lie in `text`; calls `found` with the byte range of each.
pub(crate) fn split(
    pieces: &[Piece],
    text: &str,
    effort: &mut Effort,
    mut found: impl FnMut(usize, usize),
) -> bool {
    if !is_possible(pieces, text) {
        return false;
    }
    let text = Text::new(text);
    let width = text.length + 1;
    let (mut small, mut large) = ([NONE; 256], Vec::new());
    let size = (pieces.len() + 2) * width;
    let table = if size <= small.len() {
        &mut small[..size]
    } else {
        large.resize(size, NONE);
        &mut large[..]
    };
    let (ends, ahead) = table.split_at_mut(pieces.len() * width);
    let (next, previous) = ahead.split_at_mut(width);
    let mut after = Ahead::only_the_end(next, previous);
    for (index, piece) in pieces.iter().enumerate().rev() {
        let row = &mut ends[index * width..][..width];
        let before = index.checked_sub(1).map(|before| &pieces[before]);
        Sweep { text: &text, after: &after, row: &mut *row, before }.fill(piece, effort);
        after.replace(row);
    }
    if ends[0] == NONE {
        return false;
    }
    let mut at = 0;
    for (index, piece) in pieces.iter().enumerate() {
        let end = ends[index * width + at] as usize;
        if let Piece::Variable(_) = piece {
            found(text.byte(at), text.byte(end));
        }
        at = end;
    }
    true
}

/// Whether the text begins as the first piece does and has all literal texts somewhere: most texts do not.
fn is_possible(pieces: &[Piece], text: &str) -> bool {
    let first = text.as_bytes().first().copied().unwrap_or_default();
    let begins = match pieces.first() {
        Some(Piece::Variable(Shape::Int(sign) | Shape::Float(sign))) => {
            first.is_ascii_digit() || (first == b'-' && *sign == Sign::Signed)
        }
        Some(Piece::Literal(literal)) => text.starts_with(&**literal),
        _ => true,
    };
    begins
        && pieces.iter().all(|piece| match piece {
            Piece::Literal(literal) => text.contains(&**literal),
            Piece::Variable(_) => true,
        })
}

/// A text by characters.
struct Text<'t> {
    all: &'t str,
    length: usize,
    /// The byte at which each character begins, and the length; empty when all are ASCII.
    starts: Vec<usize>,
}

impl<'t> Text<'t> {
    fn new(text: &'t str) -> Self {
        if text.is_ascii() {
            return Self { all: text, length: text.len(), starts: Vec::new() };
        }
        let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        Self { all: text, length: starts.len() - 1, starts }
    }

    fn byte(&self, character: usize) -> usize {
        self.starts.get(character).copied().unwrap_or(character)
    }

    fn from(&self, character: usize) -> &'t str {
        &self.all[self.byte(character)..]
    }

    fn between(&self, start: usize, end: usize) -> &'t str {
        &self.all[self.byte(start)..self.byte(end)]
    }

    /// The byte with which a character begins, or 0 at the end.
    fn first_byte(&self, character: usize) -> u8 {
        self.all.as_bytes().get(self.byte(character)).copied().unwrap_or(0)
    }
}

/// From which positions the pieces after the present one match.
struct Ahead<'b> {
    /// For each position the nearest such one that is not before it.
    next: &'b mut [u32],
    /// For each position the nearest such one that is not after it.
    previous: &'b mut [u32],
}

impl<'b> Ahead<'b> {
    fn only_the_end(next: &'b mut [u32], previous: &'b mut [u32]) -> Self {
        let end = (0..).zip(&*next).map(|(at, _)| at).last().unwrap_or(NONE);
        next.fill(end);
        if let Some(last) = previous.last_mut() {
            *last = end;
        }
        Self { next, previous }
    }

    fn replace(&mut self, row: &[u32]) {
        let mut nearest = NONE;
        for ((at, position), previous) in (0..).zip(row).zip(self.previous.iter_mut()) {
            nearest = if *position == NONE { nearest } else { at };
            *previous = nearest;
        }
        nearest = NONE;
        for at in (0..row.len()).rev() {
            // What `previous` gives for a position from which the rest matches is the position itself.
            nearest = if row[at] == NONE { nearest } else { self.previous[at] };
            self.next[at] = nearest;
        }
    }

    fn exactly(&self, at: usize) -> u32 {
        self.next.get(at).copied().filter(|next| *next as usize == at).unwrap_or(NONE)
    }

    fn longest(&self, least: usize, most: usize) -> u32 {
        let found = self.previous.get(most).copied().unwrap_or(NONE);
        if found != NONE && found as usize >= least { found } else { NONE }
    }

    fn shortest(&self, least: usize, most: usize) -> u32 {
        let found = self.next.get(least).copied().unwrap_or(NONE);
        if found != NONE && found as usize <= most { found } else { NONE }
    }
}

/// One piece at every position of the text: where it ends, so that the rest matches.
struct Sweep<'s, 't> {
    text: &'s Text<'t>,
    after: &'s Ahead<'s>,
    row: &'s mut [u32],
    before: Option<&'s Piece>,
}

impl Sweep<'_, '_> {
    fn fill(mut self, piece: &Piece, effort: &mut Effort) {
        #[cfg(test)]
        {
            effort.steps += self.row.len();
        }
        match piece {
            Piece::Literal(literal) => self.one_of(slice::from_ref(literal)),
            Piece::Variable(Shape::Any(items)) => self.one_of(items),
            Piece::Variable(Shape::String(length)) => self.string(*length),
            Piece::Variable(Shape::Int(sign)) => self.int(*sign),
            Piece::Variable(Shape::Float(sign)) => self.float(*sign),
            Piece::Variable(Shape::Path) => self.path(),
            Piece::Variable(Shape::Uuid) => self.uuid(),
            Piece::Variable(Shape::Own(_, _, converter)) => self.own(&**converter, effort),
        }
    }

    fn one_of(&mut self, items: &[Box<str>]) {
        for at in 0..self.row.len() {
            let rest = self.text.from(at).as_bytes();
            let end = items
                .iter()
                .filter(|item| rest.starts_with(item.as_bytes()))
                .map(|item| self.after.exactly(at + item.chars().count()))
                .find(|end| *end != NONE);
            self.row[at] = end.unwrap_or(NONE);
        }
    }

    fn string(&mut self, length: Length) {
        let (least, most) = match length {
            Length::Exactly(length) => (length, length),
            Length::Between(least, most) => (least, most.unwrap_or(usize::MAX)),
        };
        let mut slash = self.text.length;
        for at in (0..self.row.len()).rev() {
            if self.text.first_byte(at) == b'/' {
                slash = at;
            }
            self.row[at] = self.after.longest(at.saturating_add(least), at.saturating_add(most).min(slash));
        }
    }

    fn int(&mut self, sign: Sign) {
        let mut digits_end = self.text.length;
        for at in (0..self.row.len()).rev() {
            let byte = self.text.first_byte(at);
            let unsigned_end = digits_end;
            if !byte.is_ascii_digit() {
                digits_end = at;
            }
            self.row[at] = if byte == b'-' && sign == Sign::Signed {
                self.after.longest(at + 2, unsigned_end)
            } else {
                self.after.longest(at + 1, digits_end)
            };
        }
    }

    fn float(&mut self, sign: Sign) {
        // Where the digits from here end, and where those after the point at that place end.
        let (mut digits_end, mut fraction_end) = (self.text.length, self.text.length);
        for at in (0..self.row.len()).rev() {
            let byte = self.text.first_byte(at);
            let (unsigned_digits, unsigned_fraction) = (digits_end, fraction_end);
            if !byte.is_ascii_digit() {
                fraction_end = if byte == b'.' { digits_end } else { at };
                digits_end = at;
            }
            self.row[at] = if byte == b'-' && sign == Sign::Signed && unsigned_digits > at + 1 {
                self.after.longest(unsigned_digits + 2, unsigned_fraction)
            } else if byte.is_ascii_digit() {
                self.after.longest(digits_end + 2, fraction_end)
            } else {
                NONE
            };
        }
    }

    fn path(&mut self) {
        let mut line_end = self.text.length;
        for at in (0..self.row.len()).rev() {
            // The first character may be a line feed, those after it not: as the regular expression `[^/].*?`.
            let byte = self.text.first_byte(at);
            self.row[at] = if byte == b'/' { NONE } else { self.after.shortest(at + 1, line_end) };
            if byte == b'\n' {
                line_end = at;
            }
        }
    }

    fn uuid(&mut self) {
        for at in 0..self.row.len() {
            let fits = self.text.from(at).as_bytes().get(..36).is_some_and(is_uuid);
            self.row[at] = if fits { self.after.exactly(at + 36) } else { NONE };
        }
    }

    fn own(&mut self, converter: &dyn Converter, effort: &mut Effort) {
        let mut slash = self.text.length;
        for at in (0..self.row.len()).rev() {
            if self.text.first_byte(at) == b'/' {
                slash = at;
            }
            if self.can_begin(at) {
                self.row[at] = match converter.reach() {
                    Reach::Segment => self.longest_own(converter, at, slash, effort),
                    Reach::Slashes => self.shortest_own(converter, at, effort),
                };
            }
        }
    }

    /// Whether the piece before can end at a position; a first piece begins where the text does.
    fn can_begin(&self, at: usize) -> bool {
        match self.before {
            None => at == 0,
            Some(Piece::Literal(literal)) => self.text.between(0, at).ends_with(&**literal),
            Some(Piece::Variable(_)) => at > 0,
        }
    }

    /// The farthest end up to `most` from which the rest matches, and up to which the converter takes the text.
    fn longest_own(&self, converter: &dyn Converter, at: usize, most: usize, effort: &mut Effort) -> u32 {
        let mut end = self.after.longest(at, most);
        while end != NONE && effort.affords(end as usize - at) {
            if converter.matches(self.text.between(at, end as usize)) {
                return end;
            }
            end = (end as usize).checked_sub(1).map_or(NONE, |most| self.after.longest(at, most));
        }
        NONE
    }

    /// The nearest such end.
    fn shortest_own(&self, converter: &dyn Converter, at: usize, effort: &mut Effort) -> u32 {
        let mut end = self.after.shortest(at, self.text.length);
        while end != NONE && effort.affords(end as usize - at) {
            if converter.matches(self.text.between(at, end as usize)) {
                return end;
            }
            end = self.after.shortest(end as usize + 1, self.text.length);
        }
        NONE
    }
}

#[cfg(test)]
mod tests {
    use super::{Effort, Piece, split};
    use crate::{
        converter::{Length, Sign},
        shape::Shape,
    };

    fn steps(pieces: &[Piece], text: &str) -> (bool, usize) {
        let mut effort = Effort::default();
        let found = split(pieces, text, &mut effort, |_, _| ());
        (found, effort.steps)
    }

    #[test]
    fn time_grows_with_the_text_and_not_with_its_square() {
        let literal = |text: &str| Piece::Literal(text.into());
        let path = || Piece::Variable(Shape::Path);
        // `/<path:a>/x/<path:b>/y/<path:c>`, and paths on which a backtracking search takes every way.
        let rule = [path(), literal("/x/"), path(), literal("/y/"), path()];
        for length in [1_000, 100_000] {
            for unit in ["/x/", "/x/y", "x/y/", "/y/x"] {
                let text = format!("aaa/y//x/{}/x", unit.repeat(length));
                let (_, steps) = steps(&rule, &text);
                assert_eq!(steps, rule.len() * (text.len() + 1));
            }
        }
    }

    #[test]
    fn many_variables_in_one_segment_stay_cheap() {
        let string = || Piece::Variable(Shape::String(Length::Between(1, None)));
        let dash = || Piece::Literal("-".into());
        let rule: Vec<Piece> = (0..20)
            .flat_map(|_| [string(), dash()])
            .chain([Piece::Variable(Shape::Int(Sign::Unsigned))])
            .collect();
        let text = "-".repeat(10_000);
        assert_eq!(steps(&rule, &text), (false, rule.len() * (text.len() + 1)));
    }

    #[test]
    fn own_converters_are_shown_a_bounded_amount_of_text() {
        use std::sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        };
        #[derive(Debug, Default)]
        struct Counting(AtomicUsize);
        impl crate::Converter for Arc<Counting> {
            fn matches(&self, text: &str) -> bool {
                self.0.fetch_add(text.len(), Ordering::Relaxed);
                false
            }
        }
        let counting = Arc::new(Counting::default());
        let own = Piece::Variable(Shape::Own(
            "own".into(),
            crate::Arguments::default(),
            Arc::new(Arc::clone(&counting)),
        ));
        let dash = || Piece::Literal("-".into());
        let string = Piece::Variable(Shape::String(Length::Between(1, None)));
        assert!(!steps(&[string, dash(), own.clone(), dash(), own], &"-".repeat(50_000)).0);
        assert!(counting.0.load(Ordering::Relaxed) <= 1 << 16);
    }
}
