//! Runs a program over values.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

use crate::context::Chain;

use super::{
    Slow,
    ask::{Answer, Leaf, Node, Question},
};

/// A template that only writes, loops and asks.
#[derive(Debug)]
pub(crate) struct Program {
    pub(super) steps: Vec<Step>,
    /// How long the last page was, so that the next needs no more than one allocation.
    length: AtomicUsize,
}

#[derive(Debug)]
pub(super) enum Step {
    Text(Box<str>),
    Hole(Path, Chain),
    Loop { over: Path, body: Vec<Step>, instead: Vec<Step> },
    Branch { test: Path, then: Vec<Step>, otherwise: Vec<Step> },
}

/// `name.field.field`, of which the name is a variable of a loop, or a value of the page.
#[derive(Debug)]
pub(super) struct Path {
    /// How many loops further out the variable is; none for a value of the page.
    pub(super) outward: Option<usize>,
    pub(super) fields: Vec<Box<str>>,
}

/// The variable of a loop, and those around it.
struct Scope<'s> {
    value: &'s dyn Node,
    outer: Option<&'s Scope<'s>>,
}

impl Program {
    pub(super) fn new(steps: Vec<Step>) -> Self {
        Self { steps, length: AtomicUsize::new(0) }
    }

    /// The page of `values`.
    pub(crate) fn render<T: Serialize + ?Sized>(&self, values: &T) -> Result<String, Slow> {
        let mut out = String::with_capacity(self.length.load(Ordering::Relaxed));
        steps(&self.steps, &mut out, &Leaf(values), None)?;
        self.length.store(out.len() + out.len() / 16, Ordering::Relaxed);
        Ok(out)
    }
}

fn steps(list: &[Step], out: &mut String, page: &dyn Node, scope: Option<&Scope<'_>>) -> Result<(), Slow> {
    for step in list {
        match step {
            Step::Text(text) => out.push_str(text),
            Step::Hole(path, chain) => {
                at(path, page, scope, &mut |value| value.ask(Question::Write(out, *chain)))?;
            }
            Step::Branch { test, then, otherwise } => {
                let is = at(test, page, scope, &mut |value| value.ask(Question::Truth))?;
                steps(if is == Answer::True { then } else { otherwise }, out, page, scope)?;
            }
            Step::Loop { over, body, instead } => {
                let any = at(over, page, scope, &mut |values| {
                    values.ask(Question::Each(&mut |value| {
                        steps(body, out, page, Some(&Scope { value, outer: scope }))?;
                        Ok(Answer::True)
                    }))
                })?;
                if any == Answer::False {
                    steps(instead, out, page, scope)?;
                }
            }
        }
    }
    Ok(())
}

/// Shows what `path` leads to.
fn at(
    path: &Path,
    page: &dyn Node,
    scope: Option<&Scope<'_>>,
    then: &mut dyn FnMut(&dyn Node) -> Result<Answer, Slow>,
) -> Result<Answer, Slow> {
    let mut root = page;
    if let Some(outward) = path.outward {
        let mut scope = scope.ok_or(Slow)?;
        for _ in 0..outward {
            scope = scope.outer.ok_or(Slow)?;
        }
        root = scope.value;
    }
    field(root, &path.fields, then)
}

fn field(
    node: &dyn Node,
    fields: &[Box<str>],
    then: &mut dyn FnMut(&dyn Node) -> Result<Answer, Slow>,
) -> Result<Answer, Slow> {
    match fields.split_first() {
        None => then(node),
        Some((name, [])) => node.ask(Question::Field(name, then)),
        Some((name, rest)) => node.ask(Question::Field(name, &mut |inner| field(inner, rest, then))),
    }
}
