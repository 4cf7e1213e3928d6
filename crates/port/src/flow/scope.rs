//! Names that outlive what bound them in Python 2: variables of list comprehensions, and exceptions after `except`.

use std::collections::HashSet;

use super::Found;
use crate::{
    fix::Verdict,
    kind::Kind,
    tree::{NodeId, Tree},
};

/// The names that statements within `node` bind by assignment, loops, `with`, imports and definitions.
pub(super) fn bound_in(tree: &Tree<'_>, node: NodeId) -> HashSet<String> {
    let mut found = HashSet::new();
    for id in tree.post_order(node) {
        let targets: Vec<NodeId> = match tree.kind(id) {
            Kind::ExprStmt => {
                let parts = tree.child_list(id);
                parts[..parts.len().saturating_sub(1)].to_vec()
            }
            Kind::WithItem | Kind::ExceptClause | Kind::ImportAsName | Kind::DottedAsName => {
                tree.last(id).into_iter().collect()
            }
            Kind::ForStmt | Kind::FuncDef | Kind::ClassDef => tree.child(id, 1).into_iter().collect(),
            Kind::ImportFrom
            | Kind::ImportAsNames
            | Kind::ImportName
            | Kind::DottedAsNames
            | Kind::GlobalStmt => tree.child_list(id),
            _ => continue,
        };
        for leaf in targets.into_iter().flat_map(|target| tree.leaves(target)) {
            if tree.is(leaf, Kind::Name) && tree.attribute_of(leaf).is_none() {
                found.insert(tree.text(leaf).to_owned());
            }
        }
    }
    found
}

/// Whether a node has names of its own: a function, or the module.
pub(super) fn is_scope(tree: &Tree<'_>, node: NodeId) -> bool {
    matches!(tree.kind(node), Kind::FuncDef | Kind::FileInput)
}

/// The scopes in which there is a list comprehension or a named exception.
pub(super) fn with_outliving_names(tree: &Tree<'_>, nodes: &[NodeId]) -> HashSet<NodeId> {
    let binds = |id: &&NodeId| match tree.kind(**id) {
        Kind::CompFor => in_list(tree, **id),
        kind => kind == Kind::ExceptClause,
    };
    nodes
        .iter()
        .filter(binds)
        .filter_map(|id| tree.ancestors(*id).find(|above| is_scope(tree, *above)))
        .collect()
}

/// Tells uses of names that nothing in the scope binds but a list comprehension, or an `except` above them.
pub(super) fn leaks(tree: &Tree<'_>, scope: NodeId, found: &mut Vec<Found>) {
    let nodes = tree.post_order(scope);
    let own = |id: NodeId| {
        id != scope
            && tree
                .ancestors(id)
                .take_while(|above| *above != scope)
                .all(|above| !matches!(tree.kind(above), Kind::FuncDef | Kind::ClassDef | Kind::LambDef))
    };
    let mut comprehensions = Vec::new();
    let mut handlers = Vec::new();
    for id in &nodes {
        match tree.kind(*id) {
            Kind::CompFor if in_list(tree, *id) && own(*id) => comprehensions.push(*id),
            Kind::ExceptClause if own(*id) => handlers.push(*id),
            _ => (),
        }
    }
    if comprehensions.is_empty() && handlers.is_empty() {
        return;
    }
    let mut bound = bound_in(tree, scope);
    if let Some(parameters) = tree.children(scope).find(|child| tree.is(*child, Kind::Parameters)) {
        bound.extend(tree.leaves(parameters).map(|leaf| tree.text(leaf).to_owned()));
    }
    for clause in comprehensions {
        comprehension(tree, scope, clause, &bound, found);
    }
    for clause in handlers {
        handler(tree, scope, clause, found);
    }
}

fn in_list(tree: &Tree<'_>, clause: NodeId) -> bool {
    tree.ancestors(clause)
        .find(|above| !matches!(tree.kind(*above), Kind::CompFor | Kind::CompIf))
        .is_some_and(|above| tree.is(above, Kind::ListMaker))
}

fn comprehension(
    tree: &Tree<'_>,
    scope: NodeId,
    clause: NodeId,
    bound: &HashSet<String>,
    found: &mut Vec<Found>,
) {
    let Some(target) = tree.child(clause, 1) else { return };
    let list = tree.ancestors(clause).find(|above| tree.is(*above, Kind::ListMaker));
    let names: Vec<&str> = tree
        .leaves(target)
        .filter(|leaf| tree.is(*leaf, Kind::Name))
        .map(|leaf| tree.text(leaf))
        .filter(|name| !bound.contains(*name))
        .collect();
    let Some(list) = list.filter(|_| !names.is_empty()) else { return };
    let used =
        uses_after(tree, scope, list, &names).into_iter().find(|leaf| !is_in_comprehension_of(tree, *leaf));
    if let Some(leaf) = used {
        found.push(Found {
            name: "leak",
            node: leaf,
            verdict: Verdict::Advise(
                "nothing but a list comprehension binds this name; bind it before, as Python 3 does not",
            ),
            edit: None,
        });
    }
}

/// Whether a comprehension around `leaf` binds its name.
fn is_in_comprehension_of(tree: &Tree<'_>, leaf: NodeId) -> bool {
    let name = tree.text(leaf);
    tree.ancestors(leaf).any(|above| match tree.kind(above) {
        Kind::ListMaker | Kind::TestListGexp | Kind::DictSetMaker | Kind::Argument => tree
            .post_order(above)
            .into_iter()
            .filter(|id| tree.is(*id, Kind::CompFor))
            .filter_map(|clause| tree.child(clause, 1))
            .any(|target| tree.leaves(target).any(|id| tree.is_name(id, name))),
        Kind::LambDef => true,
        _ => false,
    })
}

/// Names in `scope` behind `node`, that are neither attributes nor names of arguments.
fn uses_after(tree: &Tree<'_>, scope: NodeId, node: NodeId, names: &[&str]) -> Vec<NodeId> {
    let Some(end) = tree.leaves(node).last() else { return Vec::new() };
    tree.leaves(scope)
        .skip_while(|leaf| *leaf != end)
        .skip(1)
        .filter(|leaf| {
            tree.is(*leaf, Kind::Name)
                && names.contains(&tree.text(*leaf))
                && tree.attribute_of(*leaf).is_none()
                && !(tree.parent_kind(*leaf) == Some(Kind::Argument)
                    && tree.next(*leaf).is_some_and(|next| tree.is_op(next, "=")))
                && tree
                    .ancestors(*leaf)
                    .find(|above| matches!(tree.kind(*above), Kind::FuncDef | Kind::FileInput))
                    == Some(scope)
        })
        .collect()
}

/// The name of an `except` clause, used behind its `try` before anything binds it again.
fn handler(tree: &Tree<'_>, scope: NodeId, clause: NodeId, found: &mut Vec<Found>) {
    let Some(target) =
        tree.last(clause).filter(|target| tree.child_count(clause) == 4 && tree.is(*target, Kind::Name))
    else {
        return;
    };
    let Some(attempt) = tree.parent(clause) else { return };
    let name = tree.text(target);
    let Some(first) = uses_after(tree, scope, attempt, &[name]).first().copied() else { return };
    let is_load = !tree.next(first).is_some_and(|next| tree.is_op(next, "="))
        && !tree.ancestors(first).take_while(|above| *above != scope).any(|above| {
            matches!(
                tree.kind(above),
                Kind::ExceptClause | Kind::ExprList | Kind::WithItem | Kind::ImportFrom | Kind::ImportName
            ) || tree.is(above, Kind::ForStmt) && tree.child(above, 1) == Some(first)
        });
    if is_load && !is_in_comprehension_of(tree, first) {
        found.push(Found {
            name: "exception_scope",
            node: first,
            verdict: Verdict::Advise("`except … as` deletes the name at the end of its block; keep the exception under another one"),
            edit: None,
        });
    }
}
