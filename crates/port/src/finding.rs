//! What was found at a place.

use crate::code::{self, Code};

/// How sure it is that a finding, and its fix, are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// The fix means the same in Python 3 as the source did in Python 2.
    Safe,
    /// It may mean something else; the finding says when.
    Unsure,
}

impl Confidence {
    /// `safe` or `unsure`, as reports have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsure => "unsure",
        }
    }
}

/// A place where Python 2 and 3 differ.
///
/// ```
/// use flagon_port::{Confidence, Port};
///
/// let findings = Port::new().check("print 'x'\n").findings;
/// assert_eq!(findings[0].code().code, "P101");
/// assert_eq!((findings[0].line(), findings[0].column()), (1, 1));
/// assert_eq!(findings[0].confidence(), Confidence::Safe);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    code: &'static str,
    line: u32,
    start: u32,
    column: u32,
    fixed: bool,
    confidence: Confidence,
    advice: Option<&'static str>,
}

impl Finding {
    pub(crate) fn new(
        code: &'static str,
        (line, start): (u32, u32),
        fixed: bool,
        confidence: Confidence,
        advice: Option<&'static str>,
    ) -> Self {
        Self { code, line, start, column: 0, fixed, confidence, advice }
    }

    /// Fills in the column, counted in characters from 1.
    pub(crate) fn locate(&mut self, source: &str) {
        let end = (self.start as usize).min(source.len());
        let line = source.get(..end).map_or(0, |before| before.rfind(['\n', '\r']).map_or(0, |at| at + 1));
        let characters =
            source.get(line..end).map_or(0, |text| text.chars().filter(|c| *c != '\u{feff}').count());
        self.column = u32::try_from(characters).unwrap_or(u32::MAX).saturating_add(1);
    }

    /// What kind of difference it is, with its explanation.
    pub fn code(&self) -> &'static Code {
        code::find(self.code).unwrap_or(&code::CODES[0])
    }

    /// The line, from 1.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The column in characters, from 1.
    pub fn column(&self) -> u32 {
        self.column
    }

    /// Whether [`crate::Port::fix`] rewrites the place.
    pub fn is_fixed(&self) -> bool {
        self.fixed
    }

    /// How sure it is.
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// What to look at or to do, beyond what the code's explanation says.
    pub fn advice(&self) -> Option<&'static str> {
        self.advice
    }
}
