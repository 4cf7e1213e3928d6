//! Pages straight from the program's own values: no conversion, no virtual machine.
//!
//! A template that only writes values, loops over them and asks whether they are true is compiled to [`Program`], which reads
//! the values through their `Serialize`, in place. Whatever else a template does, or a value is, ends it with [`Slow`], and
//! minijinja renders the page from the start.
//!
//! In: a rewritten source and any `Serialize`. Out: the same bytes as minijinja gives. Never: decides how something is escaped.

mod ask;
mod compile;
mod run;

pub(crate) use self::{compile::compile, run::Program};

/// This is not for the direct way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slow;

impl std::fmt::Display for Slow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not for the direct way")
    }
}

impl std::error::Error for Slow {}

impl serde::ser::Error for Slow {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

impl From<std::fmt::Error> for Slow {
    fn from(_: std::fmt::Error) -> Self {
        Self
    }
}
