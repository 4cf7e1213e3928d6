//! Checks and rewrites one source.

use std::{collections::HashSet, sync::Arc};

use crate::{
    choice::Choice,
    code::Code,
    dialect::Dialect,
    finding::{Confidence, Finding},
    fix::{self, Facts, Work},
    flow,
    kind::Kind,
    parse::{self, Parsed, Print},
    tabs,
    tree::Tree,
};

/// Names of the modules beside a source.
pub(crate) type Siblings = Arc<HashSet<String>>;

/// What to look for, and in what.
///
/// ```
/// use flagon_port::Port;
///
/// let report = Port::new().fix("for k, v in d.iteritems():\n    print k, `v` # both\n");
/// assert_eq!(report.text, "for k, v in d.items():\n    print(k, repr(v)) # both\n");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Port {
    select: Vec<&'static Code>,
    ignore: Vec<&'static Code>,
    dialect: Dialect,
    print: Option<Print>,
    siblings: Siblings,
    undecided: Dialect,
}

/// What was found in a source, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The source as Python 3; as it was, if it could not be read.
    pub text: String,
    /// What was found, by line.
    pub findings: Vec<Finding>,
    /// Whether the source could be read, and can be read after it was rewritten.
    pub is_readable: bool,
    /// Whether it has, or had, what only Python 2 has.
    pub is_python_2: bool,
    /// Whether it has what both have and mean differently, and nothing that says which it is: see [`Dialect`].
    pub is_undecided: bool,
}

impl Port {
    /// Looks for all that is looked for by default, and finds out which Python a source is.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks for these codes and no others. See [`crate::find_code`].
    #[must_use]
    pub fn select(mut self, codes: impl IntoIterator<Item = &'static Code>) -> Self {
        self.select.extend(codes);
        self
    }

    /// Does not look for these codes.
    #[must_use]
    pub fn ignore(mut self, codes: impl IntoIterator<Item = &'static Code>) -> Self {
        self.ignore.extend(codes);
        self
    }

    /// Takes sources for this dialect.
    #[must_use]
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// Takes `print (a)` for a call, as `from __future__ import print_function` does.
    #[must_use]
    pub fn print_function(mut self) -> Self {
        self.print = Some(Print::Function);
        self
    }

    /// Names of the modules that lie beside the source in its package: what `import name` found first in Python 2.
    #[must_use]
    pub fn siblings(mut self, names: impl IntoIterator<Item = String>) -> Self {
        Arc::make_mut(&mut self.siblings).extend(names);
        self
    }

    pub(crate) fn dialect_of(&self) -> Dialect {
        self.dialect
    }

    /// Takes sources that could be either for Python 2, since the project is.
    pub(crate) fn undecided_is_python_2(mut self, is_so: bool) -> Self {
        self.undecided = if is_so { Dialect::Python2 } else { Dialect::Auto };
        self
    }

    /// Finds what differs between Python 2 and 3, and what is to be done about it.
    pub fn check(&self, source: &str) -> Report {
        self.fix(source)
    }

    /// Rewrites a source, until nothing is left that can be rewritten.
    pub fn fix(&self, source: &str) -> Report {
        self.fix_beside(source, &self.siblings)
    }

    pub(crate) fn fix_beside(&self, source: &str, siblings: &Siblings) -> Report {
        let mut report = self.pass(source, self.dialect, siblings);
        if report.is_undecided && self.undecided == Dialect::Python2 {
            report = self.pass(source, Dialect::Python2, siblings);
        }
        // What one pass has made may be a place of another rule: `d.has_key(`x`)`.
        for _ in 0..4 {
            if !report.is_readable || !report.findings.iter().any(Finding::is_fixed) {
                break;
            }
            let again = self.pass(&report.text, Dialect::Python3, siblings);
            if !again.is_readable {
                return Report { text: source.to_owned(), is_readable: false, ..report };
            }
            if again.text == report.text {
                break;
            }
            report.text = again.text;
        }
        report
    }

    fn pass(&self, source: &str, dialect: Dialect, siblings: &Siblings) -> Report {
        let parsed = parse::parse(source, self.print);
        if !parsed.errors.is_empty() {
            return unreadable(source, &parsed);
        }
        let choice = Choice::new(&self.select, &self.ignore).with_comments(source);
        let facts = facts(source, &parsed, dialect, Arc::clone(siblings));
        let mut work = Work::new(parsed.tree, facts);
        let is_ported = dialect == Dialect::Python3;
        let depends_on_values =
            if is_ported { Vec::new() } else { flow::look(&work.tree, &work.facts.future) };
        let is_python_2 = fix::run(&mut work, &choice);
        if work.facts.dialect.is_python_2() {
            flow::apply(&mut work, &choice, depends_on_values);
        }
        let mut findings = std::mem::take(&mut work.findings);
        for finding in &mut findings {
            finding.locate(source);
        }
        findings.sort_by_key(|finding| (finding.line(), finding.column(), finding.code().code));
        let mut text = String::with_capacity(source.len() + source.len() / 16);
        work.tree.write(work.tree.root(), &mut text);
        if choice.allows("tabs")
            && let Some((expanded, (line, _))) = tabs::expand(&text)
        {
            // The line of the new text; in the source it is the same or one before it.
            findings.push(Finding::new("P112", (line, 0), true, Confidence::Safe, None));
            text = expanded;
        }
        Report { text, findings, is_readable: true, is_python_2, is_undecided: work.undecided }
    }
}

impl Report {
    /// Adds that the bytes of the source are in no encoding that it names.
    pub(crate) fn tell_encoding(&mut self) {
        let advice = Some(
            "name the encoding in a comment on the first line, `# coding: latin-1`, or write the file in UTF-8",
        );
        self.findings.insert(0, Finding::new("P902", (1, 0), false, Confidence::Safe, advice));
    }

    /// How many of the findings are rewritten.
    pub fn fixed(&self) -> usize {
        self.findings.iter().filter(|finding| finding.is_fixed()).count()
    }
}

fn unreadable(source: &str, parsed: &Parsed<'_>) -> Report {
    let findings = parsed
        .errors
        .iter()
        .map(|error| {
            let mut finding = Finding::new(
                "P901",
                (error.line, error.start),
                false,
                Confidence::Safe,
                Some(error.expected),
            );
            finding.locate(source);
            finding
        })
        .collect();
    Report { text: source.to_owned(), findings, is_readable: false, is_python_2: false, is_undecided: false }
}

fn facts(source: &str, parsed: &Parsed<'_>, dialect: Dialect, siblings: Siblings) -> Facts {
    let tree = &parsed.tree;
    let newline = match source.find('\n') {
        Some(at) if source[..at].ends_with('\r') => "\r\n",
        None if source.contains('\r') => "\r",
        _ => "\n",
    };
    Facts {
        dialect,
        print: parsed.print,
        has_print_statement: dialect != Dialect::Python3
            && parsed.print == Print::Statement
            && has_print_statement(tree),
        future: future(tree),
        newline,
        siblings,
    }
}

/// Names imported from `__future__`.
fn future(tree: &Tree<'_>) -> HashSet<String> {
    let mut found = HashSet::new();
    for line in tree.children(tree.root()).filter(|id| tree.is(*id, Kind::SimpleStmt)) {
        for import in tree.children(line).filter(|id| tree.is(*id, Kind::ImportFrom)) {
            if tree.child(import, 1).is_some_and(|module| tree.is_name(module, "__future__")) {
                found.extend(tree.leaves(import).skip(3).map(|leaf| tree.text(leaf).to_owned()));
            }
        }
    }
    found
}

/// Whether there is a `print` that is no call: `print x`, `print >>f, x`.
fn has_print_statement(tree: &Tree<'_>) -> bool {
    tree.of_kind(Kind::PrintStmt).any(|print| {
        let value = tree.child(print, 1);
        tree.child_count(print) > 2 || !value.is_some_and(|value| tree.is_parenthesized(value))
    })
}
