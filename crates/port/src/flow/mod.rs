//! What depends on the kinds of values: followed through each function, statement by statement.
//!
//! In: the tree as it was read, before any rule. Out: findings, and places that are rewritten where it is certain: `/` of two
//! integers, and plain literals that meet bytes. Never: looks into other functions. Names bound in several branches are
//! known where the branches agree; what a loop may change is unknown from its beginning.

mod kinds;
mod scope;
mod walk;

use std::collections::HashSet;

use self::{kinds::Value, walk::Walk};
use crate::{
    choice::Choice,
    code,
    fix::{Verdict, Work},
    tree::{NodeId, Tree},
};

/// Looks at all functions of a source, and at its top level, as Python 2 reads them. `future` is what it imports from
/// `__future__`.
pub(crate) fn look(tree: &Tree<'_>, future: &HashSet<String>) -> Vec<Found> {
    let mut found = Vec::new();
    let division = if future.contains("division") { Division::True } else { Division::Floor };
    let literals = if future.contains("unicode_literals") { Value::Text } else { Value::Native };
    let nodes = tree.post_order(tree.root());
    let outliving = scope::with_outliving_names(tree, &nodes);
    for scope in nodes.into_iter().filter(|id| scope::is_scope(tree, *id)) {
        Walk::new(tree, &mut found, division, literals).scope(scope);
        if outliving.contains(&scope) {
            scope::leaks(tree, scope, &mut found);
        }
    }
    found
}

/// What `/` does with integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Division {
    Floor,
    True,
}

/// Writes down what was found in a source that is Python 2, and rewrites what is certain.
pub(crate) fn apply(work: &mut Work<'_>, choice: &Choice, found: Vec<Found>) {
    let mut seen = HashSet::new();
    for Found { name, node, verdict, edit } in found {
        let code = code::named(name).code;
        let place = work.tree.place(node).unwrap_or_default();
        if !choice.allows(name) || choice.keeps(place.0, code, name) || !seen.insert((name, node)) {
            continue;
        }
        match edit {
            Some(Edit::FloorDivision) => {
                let text = if work.tree.text(node) == "/=" { "//=" } else { "//" };
                work.tree.set_text(node, text);
            }
            Some(Edit::Bytes) => {
                let text = format!("b{}", work.tree.text(node));
                work.tree.set_text(node, text);
            }
            None => (),
        }
        work.record(code, place, &verdict);
    }
}

/// A finding that is not written down yet: the tree must not change while it is walked.
#[derive(Debug)]
pub(crate) struct Found {
    name: &'static str,
    node: NodeId,
    verdict: Verdict,
    edit: Option<Edit>,
}

#[derive(Debug, Clone, Copy)]
enum Edit {
    FloorDivision,
    Bytes,
}
