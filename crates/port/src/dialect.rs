//! Which Python a source is taken for.

/// Which Python a source is taken for.
///
/// Much of Python 2 is no Python 3 at all (`print x`, `xrange`), and is rewritten wherever it stands. Some is both, and
/// means something else in each: `d.keys()` is a list in 2 and a view in 3. Such a place is rewritten only in a source
/// that is Python 2; so a source that was rewritten once is not rewritten again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// Found out: a source is Python 2 when it has something that is no Python 3.
    #[default]
    Auto,
    /// Python 2, whatever it looks like.
    Python2,
    /// Python 3, with at most some remains of Python 2.
    Python3,
}

impl Dialect {
    /// Whether what is valid in both is meant as Python 2 means it.
    pub(crate) fn is_python_2(self) -> bool {
        self == Self::Python2
    }
}
