//! How much of two answers is told.

/// How many differences of one pair are told.
pub(crate) const MOST: usize = 50;
