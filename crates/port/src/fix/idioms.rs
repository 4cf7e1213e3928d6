//! Rules that have to be asked for: old idioms and spaces around commas.

use super::work::{Verdict, Work};
use crate::{kind::Kind, tree::NodeId};

/// `while 1`, `type(x) == T`, and `v = list(x); v.sort()`
pub(super) fn idioms(work: &mut Work<'_>, node: NodeId) -> Verdict {
    match work.tree.kind(node) {
        Kind::WhileStmt => while_one(work, node),
        Kind::Comparison => type_comparison(work, node),
        _ => sort(work, node),
    }
}

/// `while 1:` → `while True:`
fn while_one(work: &mut Work<'_>, node: NodeId) -> Verdict {
    let Some(test) = work.tree.child(node, 1).filter(|test| work.tree.is(*test, Kind::Number)) else {
        return Verdict::Leave;
    };
    if work.tree.text(test) != "1" {
        return Verdict::Leave;
    }
    let truth = work.tree.name("True");
    let prefix = work.tree.cloned_prefix(test);
    work.tree.replace(test, truth);
    work.tree.set_prefix(truth, prefix);
    Verdict::Fixed
}

/// `type(x) == T` → `isinstance(x, T)`
fn type_comparison(work: &mut Work<'_>, node: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let children = tree.child_list(node);
    let [left, operator, right] = children[..] else { return Verdict::Leave };
    let negated = tree.is_op(operator, "!=")
        || tree.is(operator, Kind::CompOp) && tree.first(operator).is_some_and(|is| tree.is_name(is, "is"));
    if !negated && !tree.is_op(operator, "==") && !tree.is_name(operator, "is") {
        return Verdict::Leave;
    }
    let (value, class) = if let Some(value) = type_of(work, left) {
        (value, right)
    } else if let Some(value) = type_of(work, right) {
        (value, left)
    } else {
        return Verdict::Leave;
    };
    let tree = &mut work.tree;
    let prefix = tree.cloned_prefix(node);
    tree.set_prefix(value, "");
    tree.set_prefix(class, " ");
    let comma = tree.op(",");
    let mut new = tree.call_named("isinstance", &[value, comma, class]);
    if negated {
        tree.set_prefix(new, " ");
        let not = tree.name("not");
        new = tree.node(Kind::NotTest, &[not, new]);
    }
    tree.replace(node, new);
    tree.set_prefix(new, prefix);
    Verdict::FixedUnsure("isinstance() is true of subclasses too")
}

/// The value in `type(value)`.
fn type_of(work: &Work<'_>, node: NodeId) -> Option<NodeId> {
    let tree = &work.tree;
    let name = tree.first(node).filter(|name| tree.is_name(*name, "type"))?;
    let call = tree.call_of(name).filter(|call| tree.next(call.trailer).is_none())?;
    let arguments = tree.arguments(call.trailer);
    let [value] = arguments[..] else { return None };
    Some(value)
}

/// `v = x` and `v.sort()` → `v = sorted(x)`
fn sort(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let Some(call) = tree.method_call_of(leaf).filter(|call| tree.inner(call.trailer).is_none()) else {
        return Verdict::Leave;
    };
    let children = tree.child_list(call.power);
    let [object, _, _] = children[..] else { return Verdict::Leave };
    let Some(line) = tree
        .parent(call.power)
        .filter(|line| tree.is(*line, Kind::SimpleStmt) && tree.child_count(*line) == 2)
    else {
        return Verdict::Leave;
    };
    let Some(assignment) = tree
        .prev(line)
        .filter(|prev| tree.is(*prev, Kind::SimpleStmt) && tree.child_count(*prev) == 2)
        .and_then(|prev| tree.first(prev))
        .filter(|id| tree.is(*id, Kind::ExprStmt))
    else {
        return Verdict::Leave;
    };
    let parts = tree.child_list(assignment);
    let [target, equals, value] = parts[..] else { return Verdict::Leave };
    if !tree.is_op(equals, "=") || tree.bare_text(target) != tree.bare_text(object) {
        return Verdict::Leave;
    }
    let between = tree.cloned_prefix(line).into_owned();
    if let Some(name) = list_call(work, value) {
        work.tree.set_text(name, "sorted");
    } else {
        let prefix = work.tree.take_prefix(value);
        let place = work.tree.leaf(Kind::Name, "");
        work.tree.replace(value, place);
        let call = work.tree.call_named("sorted", &[value]);
        work.tree.replace(place, call);
        work.tree.set_prefix(call, prefix);
    }
    let next = work.tree.next(line);
    work.tree.remove(line);
    if let (Some((comments, _)), Some(next)) = (between.rsplit_once('\n'), next) {
        let old = work.tree.take_prefix(next);
        work.tree.set_prefix(next, format!("{comments}\n{old}"));
    }
    Verdict::Fixed
}

/// The name `list` of `list(x)`.
fn list_call(work: &Work<'_>, value: NodeId) -> Option<NodeId> {
    let tree = &work.tree;
    let name = tree.first(value).filter(|name| tree.is_name(*name, "list"))?;
    let call = tree.call_of(name).filter(|call| tree.next(call.trailer).is_none())?;
    (tree.arguments(call.trailer).len() == 1).then_some(name)
}

/// `a ,b` → `a, b`
pub(super) fn ws_comma(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let Some(parent) = tree.parent(leaf) else { return Verdict::Leave };
    let first = tree.children(parent).find(|child| tree.is_op(*child, ","));
    if first != Some(leaf) {
        return Verdict::Leave;
    }
    let mut changed = false;
    let mut after_separator = false;
    for child in tree.child_list(parent) {
        let prefix = tree.prefix(child);
        if tree.is_op(child, ",") || tree.is_op(child, ":") {
            if !prefix.is_empty() && prefix.trim().is_empty() && !prefix.contains('\n') {
                tree.set_prefix(child, "");
                changed = true;
            }
            after_separator = true;
            continue;
        }
        if after_separator && prefix.is_empty() {
            tree.set_prefix(child, " ");
            changed = true;
        }
        after_separator = false;
    }
    if changed { Verdict::Fixed } else { Verdict::Leave }
}
