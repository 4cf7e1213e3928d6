//! Names that are keywords in Python 3.

use super::work::{Verdict, Work};
use crate::{kind::Kind, tree::NodeId};

const RENAMED: Verdict =
    Verdict::FixedUnsure("the name got an underscore; other modules that use it have to follow");

/// `async = 1` → `async_ = 1`
pub(super) fn keywords(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let text = work.tree.text(leaf).to_owned();
    let is_name = match text.as_str() {
        "async" | "await" | "nonlocal" => !is_keyword(work, leaf),
        _ => is_binding(work, leaf),
    };
    if !is_name {
        return Verdict::Leave;
    }
    work.tree.set_text(leaf, format!("{text}_"));
    RENAMED
}

/// Whether `async`, `await` or `nonlocal` stands as the keyword that it is in Python 3.
fn is_keyword(work: &Work<'_>, leaf: NodeId) -> bool {
    let tree = &work.tree;
    match tree.parent_kind(leaf) {
        Some(Kind::AsyncStmt | Kind::CompFor) => true,
        Some(Kind::GlobalStmt) => tree.prev(leaf).is_none(),
        Some(Kind::Power) => {
            tree.prev(leaf).is_none()
                && tree
                    .next(leaf)
                    .is_some_and(|next| !tree.is(next, Kind::Trailer) && !tree.is(next, Kind::Op))
        }
        _ => false,
    }
}

/// Whether `True`, `False` or `None` is bound, or is the name of an attribute.
fn is_binding(work: &Work<'_>, leaf: NodeId) -> bool {
    let tree = &work.tree;
    if tree.attribute_of(leaf).is_some() {
        return true;
    }
    match tree.parent_kind(leaf) {
        Some(Kind::ExprStmt) => tree.next(leaf).is_some_and(|next| tree.is_op(next, "=")),
        Some(Kind::Argument | Kind::TypedArgsList | Kind::VarArgsList) => {
            let is_name = tree.prev(leaf).is_none_or(|prev| tree.is_op(prev, ","));
            is_name && tree.next(leaf).is_some_and(|next| tree.is_op(next, "="))
        }
        Some(Kind::FuncDef | Kind::ClassDef) => tree.prev(leaf).is_some_and(|prev| tree.prev(prev).is_none()),
        Some(Kind::TestListStarExpr) => {
            let list = tree.parent(leaf).expect("its kind was asked");
            tree.parent_kind(list) == Some(Kind::ExprStmt)
                && tree.next(list).is_some_and(|next| tree.is_op(next, "="))
        }
        _ => false,
    }
}

/// `global x` behind the first use of `x` goes to the beginning of its function.
pub(super) fn global(work: &mut Work<'_>, node: NodeId) -> Verdict {
    let tree = &work.tree;
    if !tree.first(node).is_some_and(|word| tree.is_name(word, "global")) {
        return Verdict::Leave;
    }
    let Some(function) = tree.ancestors(node).find(|above| tree.is(*above, Kind::FuncDef)) else {
        return Verdict::Leave;
    };
    let names: Vec<String> = tree
        .children(node)
        .skip(1)
        .filter(|id| tree.is(*id, Kind::Name))
        .map(|id| tree.text(id).to_owned())
        .collect();
    let Some(body) = tree.last(function).filter(|body| tree.is(*body, Kind::Suite)) else {
        return Verdict::Leave;
    };
    let first = tree.first_leaf(node);
    let is_used = tree.leaves(body).take_while(|leaf| *leaf != first).any(|leaf| {
        tree.is(leaf, Kind::Name)
            && tree.attribute_of(leaf).is_none()
            && !is_argument_name(work, leaf)
            && names.iter().any(|name| name == tree.text(leaf))
            && tree.ancestors(leaf).find(|above| tree.is(*above, Kind::FuncDef)) == Some(function)
    });
    if !is_used {
        return Verdict::Leave;
    }
    let copy = work.tree.name(format!("global {}", names.join(", ")));
    super::exceptions::put_in_suite(work, body, copy);
    super::imports::blank(work, node);
    Verdict::Fixed
}

fn is_argument_name(work: &Work<'_>, leaf: NodeId) -> bool {
    let tree = &work.tree;
    tree.parent_kind(leaf) == Some(Kind::Argument)
        && tree.next(leaf).is_some_and(|next| tree.is_op(next, "="))
}

/// `from m import *` in a function goes to the top of the module.
pub(super) fn star_import(work: &mut Work<'_>, node: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let is_star = tree.last(node).is_some_and(|last| tree.is_op(last, "*"));
    if !is_star
        || !tree.ancestors(node).any(|above| matches!(tree.kind(above), Kind::FuncDef | Kind::ClassDef))
    {
        return Verdict::Leave;
    }
    let copy = tree.copy(node);
    tree.set_prefix(copy, "");
    super::imports::blank(work, node);
    let end = work.newline();
    let line = work.tree.node(Kind::SimpleStmt, &[copy, end]);
    work.tree.place_import(line);
    Verdict::FixedUnsure("name what the function uses instead: now the whole module has the names")
}
