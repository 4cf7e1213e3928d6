//! Classes: metaclasses and `__nonzero__`.

use super::work::{Verdict, Work};
use crate::{
    kind::Kind,
    tree::{NodeId, Tree},
};

/// `def __nonzero__(self)` → `def __bool__(self)`
pub(super) fn nonzero(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let Some(function) = tree.parent(leaf).filter(|parent| tree.is(*parent, Kind::FuncDef)) else {
        return Verdict::Leave;
    };
    let is_method = tree
        .parent(function)
        .is_some_and(|suite| tree.is(suite, Kind::Suite) && tree.parent_kind(suite) == Some(Kind::ClassDef));
    let takes_self =
        tree.next(leaf).and_then(|list| tree.inner(list)).is_some_and(|id| tree.is(id, Kind::Name));
    if !is_method || !takes_self || has_method(tree, function, "__bool__") {
        return Verdict::Leave;
    }
    tree.set_text(leaf, "__bool__");
    Verdict::Fixed
}

/// Whether the class that `function` is a method of has a method `name`.
pub(super) fn has_method(tree: &Tree<'_>, function: NodeId, name: &str) -> bool {
    let Some(suite) = tree.parent(function) else { return false };
    tree.children(suite)
        .filter(|child| tree.is(*child, Kind::FuncDef))
        .any(|method| tree.child(method, 1).is_some_and(|id| tree.is_name(id, name)))
}

/// `__metaclass__ = M` in a class → `class C(metaclass=M)`
pub(super) fn metaclass(work: &mut Work<'_>, class: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let Some(body) = tree.last(class) else { return Verdict::Leave };
    let statements: Vec<NodeId> = if tree.is(body, Kind::Suite) {
        tree.children(body).filter(|child| tree.is(*child, Kind::SimpleStmt)).collect()
    } else {
        vec![body]
    };
    let found: Vec<NodeId> = statements.into_iter().filter(|id| is_metaclass(tree, *id)).collect();
    let Some(last) = found.last().copied() else { return Verdict::Leave };
    let value = tree.first(last).and_then(|assignment| tree.last(assignment)).expect("an assignment");
    tree.remove(value);
    let mut indentation = String::new();
    for statement in found {
        indentation = take_out(work, class, body, statement);
    }
    add_argument(work, class, value);
    keep_body(work, class, body, indentation);
    Verdict::Fixed
}

/// `class C:` whose kind makes a difference
pub(super) fn old_class(work: &mut Work<'_>, class: NodeId) -> Verdict {
    let tree = &work.tree;
    let Some(body) = tree.last(class) else { return Verdict::Leave };
    let has_metaclass = tree.children(tree.root()).any(|line| is_metaclass(tree, line))
        || tree.leaves(class).any(|leaf| tree.is_name(leaf, "metaclass"));
    if has_metaclass {
        return Verdict::Leave;
    }
    let bases = bases(tree, class);
    if bases.is_empty() {
        let has = |name: &str| {
            let methods = tree.children(body).filter(|child| tree.is(*child, Kind::FuncDef));
            methods.into_iter().any(|method| tree.child(method, 1).is_some_and(|id| tree.is_name(id, name)))
        };
        if has("__getattr__") || has("__setattr__") && has("__getattribute__") {
            return Verdict::Advise(
                "__getattr__ is not asked for special methods any more: define those that its objects need (__len__, __iter__, __add__ …)",
            );
        }
        return Verdict::Leave;
    }
    if bases.len() < 2 {
        return Verdict::Leave; // and few classes look at all others
    }
    let classes: Vec<NodeId> =
        tree.post_order(tree.root()).into_iter().filter(|id| tree.is(*id, Kind::ClassDef)).collect();
    let is_old = |base: &String| {
        let named =
            classes.iter().find(|id| tree.child(**id, 1).is_some_and(|name| tree.is_name(name, base)));
        named.is_some_and(|id| self::bases(tree, *id).is_empty())
    };
    if bases.iter().any(is_old) {
        return Verdict::Advise(
            "bases are searched in another order where two of them have a base in common: look which method wins",
        );
    }
    Verdict::Leave
}

/// The bases of a class as they are written.
fn bases(tree: &Tree<'_>, class: NodeId) -> Vec<String> {
    let children = tree.child_list(class);
    let Some(open) = children.iter().position(|id| tree.is_op(*id, "(")) else { return Vec::new() };
    match children.get(open + 1) {
        Some(list) if tree.is(*list, Kind::ArgList) => {
            tree.children(*list).filter(|id| !tree.is_op(*id, ",")).map(|id| tree.bare_text(id)).collect()
        }
        Some(one) if !tree.is_op(*one, ")") => vec![tree.bare_text(*one)],
        _ => Vec::new(),
    }
}

/// Whether a line begins with `__metaclass__ = …`.
fn is_metaclass(tree: &Tree<'_>, statement: NodeId) -> bool {
    let Some(assignment) = tree.first(statement).filter(|first| tree.is(*first, Kind::ExprStmt)) else {
        return false;
    };
    tree.first(assignment).is_some_and(|target| tree.is_name(target, "__metaclass__"))
        && tree.child_count(assignment) == 3
}

/// Removes the assignment from its line, and the line if nothing else is on it. Gives the prefix of the line.
fn take_out(work: &mut Work<'_>, class: NodeId, body: NodeId, statement: NodeId) -> String {
    let tree = &mut work.tree;
    let prefix = tree.cloned_prefix(statement).into_owned();
    let assignment = tree.first(statement).expect("it was found there");
    let semicolon = tree.next(assignment).filter(|next| tree.is_op(*next, ";"));
    tree.remove(assignment);
    if let Some(semicolon) = semicolon {
        tree.remove(semicolon);
        tree.set_prefix(statement, prefix.clone());
        return prefix;
    }
    if statement == body {
        return prefix;
    }
    // What was commented above the line stays above the next one.
    let comment = tree.cloned_prefix(tree.last(statement).expect("its end")).into_owned();
    let next = tree.next(statement);
    tree.remove(statement);
    if let Some(next) = next.filter(|next| !tree.is(*next, Kind::Dedent)) {
        let is_first = tree.prev(next).is_some_and(|prev| tree.is(prev, Kind::Indent));
        if is_first {
            let old = tree.take_prefix(next);
            tree.set_prefix(next, without_first_indent(&old));
        }
    }
    let _ = (class, comment);
    prefix
}

/// The first statement of a suite has no space before it: the indentation is a leaf of its own.
fn without_first_indent(prefix: &str) -> String {
    match prefix.rfind('\n') {
        Some(end) => {
            let (comments, _) = prefix.split_at(end + 1);
            let lines = comments.trim_start_matches([' ', '\t']);
            let indent = &prefix[end + 1..];
            format!("{lines}{indent}")
        }
        None => String::new(),
    }
}

fn add_argument(work: &mut Work<'_>, class: NodeId, value: NodeId) {
    let tree = &mut work.tree;
    let (keyword, equals) = (tree.name("metaclass"), tree.op("="));
    tree.set_prefix(value, "");
    let argument = tree.node(Kind::Argument, &[keyword, equals, value]);
    let children = tree.child_list(class);
    let has_parentheses = tree.is_op(children[2], "(");
    if !has_parentheses {
        let (open, close) = (tree.op("("), tree.op(")"));
        for new in [close, argument, open] {
            tree.insert_after(children[1], new);
        }
        return;
    }
    let close = if tree.is_op(children[3], ")") { children[3] } else { children[4] };
    if tree.is_op(children[3], ")") {
        tree.insert_before(close, argument);
        return;
    }
    let has_comma = tree
        .last(children[3])
        .is_some_and(|last| tree.is_op(last, ",") && tree.is(children[3], Kind::ArgList));
    if !has_comma {
        let comma = tree.op(",");
        tree.insert_before(close, comma);
    }
    tree.set_prefix(argument, " ");
    tree.insert_before(close, argument);
}

/// A class whose body was the metaclass alone needs a `pass`.
fn keep_body(work: &mut Work<'_>, _class: NodeId, body: NodeId, prefix: String) {
    let newline = work.facts.newline;
    let tree = &mut work.tree;
    let pass = tree.name("pass");
    if !tree.is(body, Kind::Suite) {
        if tree.first(body).is_some_and(|first| tree.is(first, Kind::Newline)) {
            tree.prepend(body, pass);
            tree.set_prefix(pass, prefix);
        }
        return;
    }
    let is_empty =
        tree.children(body).all(|id| matches!(tree.kind(id), Kind::Newline | Kind::Indent | Kind::Dedent));
    if !is_empty {
        return;
    }
    let end = tree.leaf(Kind::Newline, newline);
    let line = tree.node(Kind::SimpleStmt, &[pass, end]);
    let indent = tree.children(body).find(|id| tree.is(*id, Kind::Indent)).expect("a suite is indented");
    tree.insert_after(indent, line);
}
