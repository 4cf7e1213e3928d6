//! `raise`, `except`, `throw`, and what `sys` knew of the current exception.

use super::work::{Verdict, Work};
use crate::{kind::Kind, tree::NodeId};

const STRING_EXCEPTION: Verdict =
    Verdict::Advise("exceptions cannot be strings; raise an instance of a class");

/// `raise E, V, T` → `raise E(V).with_traceback(T)`
pub(super) fn raise(work: &mut Work<'_>, node: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let children = tree.child_list(node);
    let parts: Vec<NodeId> = children[1..].iter().copied().filter(|id| !tree.is_op(*id, ",")).collect();
    if children.iter().any(|id| tree.is_name(*id, "from")) {
        return Verdict::Leave;
    }
    let [mut exception, ref rest @ ..] = parts[..] else { return Verdict::Leave };
    if tree.is(exception, Kind::Str) {
        return if work.raises_strings { Verdict::Leave } else { STRING_EXCEPTION };
    }
    let is_tuple = tree.is_parenthesized(exception)
        && tree.inner(exception).is_some_and(|inner| tree.is(inner, Kind::TestListGexp));
    if rest.is_empty() && !is_tuple {
        return Verdict::Leave;
    }
    if is_tuple {
        exception = first_of_tuple(work, exception);
    }
    let tree = &mut work.tree;
    let verdict = match rest.first() {
        Some(value)
            if !tree.is_parenthesized(*value)
                && tree.is(*value, Kind::Name)
                && tree.text(*value) != "None" =>
        {
            Verdict::FixedUnsure("if the value is an exception already, raise it alone")
        }
        _ => Verdict::Fixed,
    };
    for child in &children[1..] {
        tree.remove(*child);
    }
    let raised = instance(work, exception, rest);
    work.tree.append(node, raised);
    verdict
}

/// `raise 'text', v, t` → `raise Exception('text', v).with_traceback(t)`
pub(super) fn string_exception(work: &mut Work<'_>, node: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let children = tree.child_list(node);
    let parts: Vec<NodeId> = children[1..].iter().copied().filter(|id| !tree.is_op(*id, ",")).collect();
    let Some(text) = parts.first().copied() else { return Verdict::Leave };
    let is_string =
        |id| tree.is(id, Kind::Str) || tree.is(id, Kind::Atom) && tree.is(tree.first_leaf(id), Kind::Str);
    let is_format = tree.is(text, Kind::Term) && tree.first(text).is_some_and(is_string);
    if !is_string(text) && !is_format {
        return Verdict::Leave;
    }
    for child in &children[1..] {
        tree.remove(*child);
    }
    tree.set_prefix(text, "");
    let mut arguments = vec![text];
    if let Some(value) = parts.get(1).filter(|value| !tree.is_name(**value, "None")) {
        arguments.extend([tree.op(","), *value]);
    }
    let raised = tree.call_named("Exception", &arguments);
    if let Some(traceback) = parts.get(2) {
        tree.set_prefix(*traceback, "");
        let (attribute, arguments) =
            (tree.make_attribute("with_traceback"), tree.make_arguments(&[*traceback]));
        tree.append(raised, attribute);
        tree.append(raised, arguments);
    }
    tree.set_prefix(raised, " ");
    tree.append(node, raised);
    Verdict::FixedUnsure("handlers that name the string no longer catch it")
}

/// The innermost first item of `((E1, E2), E3)`.
fn first_of_tuple(work: &mut Work<'_>, tuple: NodeId) -> NodeId {
    let tree = &mut work.tree;
    let mut at = tuple;
    while let Some(inner) = tree.inner(at).filter(|_| tree.is_parenthesized(at)) {
        at = if tree.is(inner, Kind::TestListGexp) { tree.first(inner).unwrap_or(inner) } else { inner };
    }
    tree.remove(at);
    tree.set_prefix(at, " ");
    at
}

/// `E(V).with_traceback(T)` of `E, V, T`.
fn instance(work: &mut Work<'_>, exception: NodeId, rest: &[NodeId]) -> NodeId {
    let tree = &mut work.tree;
    let [value, ref traceback @ ..] = *rest else { return exception };
    let is_none = tree.is_name(value, "None") && !traceback.is_empty();
    let made = if is_none {
        exception
    } else {
        let argument = if tree.is_parenthesized(value) { tree.inner(value) } else { Some(value) };
        match argument {
            None => tree.make_call(exception, &[]),
            Some(argument) => {
                tree.remove(argument);
                if argument == value {
                    tree.set_prefix(argument, "");
                }
                tree.make_call(exception, &[argument])
            }
        }
    };
    let [traceback] = *traceback else { return made };
    tree.set_prefix(traceback, "");
    let (attribute, arguments) = (tree.make_attribute("with_traceback"), tree.make_arguments(&[traceback]));
    if tree.is(made, Kind::Power) {
        tree.append(made, attribute);
        tree.append(made, arguments);
        return made;
    }
    tree.node(Kind::Power, &[made, attribute, arguments])
}

/// `g.throw(E, V, T)` → `g.throw(E(V).with_traceback(T))`
pub(super) fn throw(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let Some(call) = tree.method_call_of(leaf).filter(|call| tree.next(call.trailer).is_none()) else {
        return Verdict::Leave;
    };
    let parts = tree.arguments(call.trailer);
    let [exception, ref rest @ ..] = parts[..] else { return Verdict::Leave };
    if tree.is(exception, Kind::Str) {
        return STRING_EXCEPTION;
    }
    if rest.is_empty() || rest.len() > 2 || parts.iter().any(|part| tree.is(*part, Kind::Argument)) {
        return Verdict::Leave;
    }
    for part in &parts {
        tree.remove(*part);
    }
    let raised = instance(work, exception, rest);
    let arguments = work.tree.make_arguments(&[raised]);
    let before = work.tree.cloned_prefix(call.trailer);
    work.tree.replace(call.trailer, arguments);
    work.tree.set_prefix(arguments, before);
    Verdict::Fixed
}

/// `except E, name:` → `except E as name:`
pub(super) fn except(work: &mut Work<'_>, clause: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let children = tree.child_list(clause);
    let [_, _, comma, target] = children[..] else { return Verdict::Leave };
    if !tree.is_op(comma, ",") {
        return Verdict::Leave;
    }
    let keyword = tree.name("as");
    tree.set_prefix(keyword, " ");
    tree.replace(comma, keyword);
    if tree.is(target, Kind::Name) {
        if tree.prefix(target).is_empty() {
            tree.set_prefix(target, " ");
        }
        return Verdict::Fixed;
    }
    let name = work.new_name("xxx_todo_changeme");
    let tree = &mut work.tree;
    let (bound, source) = (tree.name(name.clone()), tree.name(name));
    tree.set_prefix(bound, " ");
    tree.replace(target, bound);
    tree.set_prefix(target, "");
    let source = if tree.is_parenthesized(target) || tree.is_bracketed(target) {
        let attribute = tree.make_attribute("args");
        tree.node(Kind::Power, &[source, attribute])
    } else {
        source
    };
    let assignment = tree.assignment(target, source);
    insert_first(work, clause, assignment);
    Verdict::Fixed
}

/// Puts a statement first in the suite behind an `except` clause.
fn insert_first(work: &mut Work<'_>, clause: NodeId, statement: NodeId) {
    let Some(suite) = work.tree.next(clause).and_then(|colon| work.tree.next(colon)) else { return };
    if work.tree.is(suite, Kind::Suite) {
        put_in_suite(work, suite, statement);
        return;
    }
    let prefix = work.tree.take_prefix(suite);
    let end = work.tree.op(";");
    let first = work.tree.first(suite).expect("a statement has parts");
    work.tree.set_prefix(first, " ");
    work.tree.prepend(suite, end);
    work.tree.prepend(suite, statement);
    work.tree.set_prefix(suite, prefix);
}

/// Puts a statement on a line of its own, first in a suite.
pub(super) fn put_in_suite(work: &mut Work<'_>, suite: NodeId, statement: NodeId) {
    let indent = work.tree.children(suite).find(|child| work.tree.is(*child, Kind::Indent));
    let Some(indent) = indent else { return };
    let text = work.tree.text(indent).to_owned();
    let end = work.newline();
    let line = work.tree.node(Kind::SimpleStmt, &[statement, end]);
    let next = work.tree.next(indent);
    work.tree.insert_after(indent, line);
    if let Some(next) = next {
        let prefix = work.tree.take_prefix(next);
        work.tree.set_prefix(next, format!("{text}{prefix}"));
    }
}

/// `sys.exc_type` → `sys.exc_info()[0]`
pub(super) fn sys_exc(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let Some(attribute) = tree.attribute_of_name(leaf, "sys").filter(|id| tree.next(*id).is_none()) else {
        return Verdict::Leave;
    };
    let place = match tree.text(leaf) {
        "exc_type" => "0",
        "exc_value" => "1",
        _ => "2",
    };
    tree.set_text(leaf, "exc_info");
    let arguments = tree.make_arguments(&[]);
    let (open, number, close) = (tree.op("["), tree.leaf(Kind::Number, place), tree.op("]"));
    let subscript = tree.node(Kind::Trailer, &[open, number, close]);
    tree.insert_after(attribute, arguments);
    tree.insert_after(arguments, subscript);
    Verdict::Fixed
}
