//! What is wrong with a template, where, and what to write instead.

use std::{error, fmt, sync::Arc};

/// A template that cannot be loaded or rendered.
///
/// It shows itself as `page.html:3:14: what is wrong: what to write instead`.
///
/// # Examples
///
/// ```
/// use flagon_template::{ErrorKind, Templates};
///
/// let templates = Templates::builder().source("a.html", "<p>\n<!-- {{ name }} -->").build();
/// let error = templates.render("a.html", ()).unwrap_err();
/// assert_eq!((error.kind(), error.line(), error.column()), (ErrorKind::Unsafe, Some(2), Some(6)));
/// assert!(error.to_string().starts_with("a.html:2:6: a hole within a comment: use {# … #}"), "{error}");
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    template: String,
    line: Option<usize>,
    column: Option<usize>,
    message: String,
    source: Option<Arc<minijinja::Error>>,
}

/// What kind of mistake it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No template has this name.
    NotFound,
    /// The template is not Jinja, as far as minijinja knows it.
    Syntax,
    /// A value has no safe form where the template puts it.
    Unsafe,
    /// Something went wrong while the template was rendered.
    Render,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, template: &str, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            template: template.to_owned(),
            line: None,
            column: None,
            message: message.into(),
            source: None,
        }))
    }

    /// The same at this line and column, both from 1.
    pub(crate) fn at(mut self, line: usize, column: usize) -> Self {
        let inner = Arc::make_mut(&mut self.0);
        (inner.line, inner.column) = (Some(line), Some(column));
        self
    }

    /// The same at this line.
    pub(crate) fn at_line(mut self, line: Option<usize>) -> Self {
        Arc::make_mut(&mut self.0).line = line;
        self
    }

    pub(crate) fn caused_by(mut self, source: minijinja::Error) -> Self {
        Arc::make_mut(&mut self.0).source = Some(Arc::new(source));
        self
    }

    /// What kind of mistake it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The template that the mistake is in.
    pub fn template(&self) -> &str {
        &self.0.template
    }

    /// The line, from 1.
    pub fn line(&self) -> Option<usize> {
        self.0.line
    }

    /// The column in characters, from 1.
    pub fn column(&self) -> Option<usize> {
        self.0.column
    }

    /// What is wrong, and what to write instead, without the place.
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.template)?;
        if let Some(line) = self.0.line {
            write!(f, ":{line}")?;
        }
        if let Some(column) = self.0.column {
            write!(f, ":{column}")?;
        }
        write!(f, ": {}", self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)?;
        self.0.source.as_ref().map_or(Ok(()), |source| write!(f, ": {source:?}"))
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
