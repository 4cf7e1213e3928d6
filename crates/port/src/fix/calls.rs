//! Built-in functions that are gone or have moved.

use super::work::{Verdict, Work};
use crate::{kind::Kind, tree::NodeId};

/// `apply(f, args, kwargs)` → `f(*args, **kwargs)`
pub(super) fn apply(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let Some(call) = tree.call_of(leaf).filter(|call| tree.next(call.trailer).is_none()) else {
        return Verdict::Leave;
    };
    let arguments = tree.arguments(call.trailer);
    let is_plain = |id: &NodeId| !tree.is_keyword_argument(*id) && !tree.is_star_argument(*id);
    if !matches!(arguments.len(), 2 | 3) || !arguments.iter().all(is_plain) {
        return Verdict::Leave;
    }
    let prefix = tree.cloned_prefix(call.power);
    let function = arguments[0];
    let is_tight = match tree.kind(function) {
        Kind::Name | Kind::Atom => true,
        Kind::Power => !tree.children(function).any(|child| tree.is_op(child, "**")),
        _ => false,
    };
    for argument in &arguments {
        tree.set_prefix(*argument, "");
        tree.remove(*argument);
    }
    let function = if is_tight { function } else { tree.parenthesize(function) };
    let mut parts = vec![tree.op("*"), arguments[1]];
    if let Some(named) = arguments.get(2) {
        let (comma, stars) = (tree.op(","), tree.op("**"));
        tree.set_prefix(stars, " ");
        parts.extend([comma, stars, *named]);
    }
    let new = tree.make_call(function, &parts);
    tree.replace(call.power, new);
    tree.set_prefix(new, prefix);
    Verdict::Fixed
}

/// `buffer(x)` → `memoryview(x)`
pub(super) fn buffer(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    if has_one_argument(work, leaf).is_none() {
        return Verdict::Leave;
    }
    work.tree.set_text(leaf, "memoryview");
    Verdict::FixedUnsure("a memoryview has no methods of bytes")
}

/// `callable(x)` → `hasattr(x, '__call__')`
pub(super) fn callable(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let Some(call) = tree.call_of(leaf) else { return Verdict::Leave };
    let [argument] = tree.arguments(call.trailer)[..] else { return Verdict::Leave };
    if tree.is(argument, Kind::Argument) || tree.child_count(call.trailer) != 3 {
        return Verdict::Leave;
    }
    let (comma, name) = (tree.op(","), tree.leaf(Kind::Str, "'__call__'"));
    tree.set_prefix(name, " ");
    tree.insert_after(argument, name);
    tree.insert_after(argument, comma);
    tree.set_text(leaf, "hasattr");
    Verdict::Fixed
}

fn has_one_argument(work: &Work<'_>, leaf: NodeId) -> Option<NodeId> {
    let call = work.tree.call_of(leaf)?;
    work.tree.inner(call.trailer)
}

/// `execfile(name)` → `exec(compile(open(name, "rb").read(), name, 'exec'))`
pub(super) fn execfile(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let Some(call) = tree.call_of(leaf).filter(|call| tree.next(call.trailer).is_none()) else {
        return Verdict::Leave;
    };
    let arguments = tree.arguments(call.trailer);
    let [file, ref scopes @ ..] = arguments[..] else { return Verdict::Leave };
    if scopes.len() > 2 || tree.is_star_argument(file) || tree.is_keyword_argument(file) {
        return Verdict::Leave;
    }
    let prefix = tree.cloned_prefix(call.power);
    let close = tree.last(call.trailer).expect("a call ends with a parenthesis");
    let close_prefix = tree.cloned_prefix(close);
    let again = tree.copy(file);
    tree.set_prefix(again, " ");
    let (comma, mode) = (tree.op(","), tree.leaf(Kind::Str, "\"rb\""));
    tree.set_prefix(mode, " ");
    let open = tree.call_named("open", &[file, comma, mode]);
    let end = tree.last(open).and_then(|trailer| tree.last(trailer)).expect("the call just made");
    tree.set_prefix(end, close_prefix);
    let (read, nothing) = (tree.make_attribute("read"), tree.make_arguments(&[]));
    tree.append(open, read);
    tree.append(open, nothing);
    let (first, second, kind) = (tree.op(","), tree.op(","), tree.leaf(Kind::Str, "'exec'"));
    tree.set_prefix(kind, " ");
    let compile = tree.call_named("compile", &[open, first, again, second, kind]);
    let mut parts = vec![compile];
    for scope in scopes {
        parts.push(tree.op(","));
        parts.push(*scope);
    }
    let exec = tree.call_named("exec", &parts);
    tree.replace(call.power, exec);
    tree.set_prefix(exec, prefix);
    Verdict::Fixed
}

/// `input()` → `eval(input())`
pub(super) fn input(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let Some(call) = tree.call_of(leaf).filter(|call| tree.next(call.trailer).is_none()) else {
        return Verdict::Leave;
    };
    let arguments = tree.arguments(call.trailer);
    if arguments.len() > 1 || work.sole_argument_of(call.power) == Some("eval") {
        return Verdict::Leave;
    }
    work.tree.wrap_head(call.power, call.trailer, "eval");
    Verdict::FixedUnsure(
        "input() in Python 2 evaluated what was typed; int(input()) or ast.literal_eval(input()) is safer",
    )
}

/// `raw_input()` → `input()`
pub(super) fn raw_input(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let Some(call) = work.tree.call_of(leaf) else { return rename_bare(work, leaf, "input") };
    if work.tree.arguments(call.trailer).len() > 1 {
        return Verdict::Leave;
    }
    work.tree.set_text(leaf, "input");
    Verdict::Fixed
}

/// A built-in's name that is passed on and not called.
fn rename_bare(work: &mut Work<'_>, leaf: NodeId, new: &'static str) -> Verdict {
    let is_value = matches!(
        work.tree.parent_kind(leaf),
        Some(
            Kind::ArgList
                | Kind::Trailer
                | Kind::ExprStmt
                | Kind::ReturnStmt
                | Kind::Argument
                | Kind::DictSetMaker
        )
    );
    if !is_value
        || !work.is_builtin(leaf)
        || work.tree.binding(work.tree.text(leaf), work.tree.root()).is_some()
    {
        return Verdict::Leave;
    }
    work.tree.set_text(leaf, new);
    Verdict::Fixed
}

/// `intern(s)` → `sys.intern(s)`
pub(super) fn intern(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    move_to_module(work, leaf, "sys", "intern")
}

/// `reload(m)` → `importlib.reload(m)`
pub(super) fn reload(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    move_to_module(work, leaf, "importlib", "reload")
}

fn move_to_module(work: &mut Work<'_>, leaf: NodeId, module: &'static str, name: &'static str) -> Verdict {
    let tree = &mut work.tree;
    let Some(call) = tree.call_of(leaf) else { return Verdict::Leave };
    let arguments = tree.arguments(call.trailer);
    let [argument] = arguments[..] else { return Verdict::Leave };
    if tree.is_keyword_argument(argument) || tree.is_star_argument(argument) {
        return Verdict::Leave;
    }
    let attribute = tree.make_attribute(name);
    tree.set_text(leaf, module);
    tree.insert_after(leaf, attribute);
    work.add_import(None, module);
    Verdict::Fixed
}

/// `reduce(f, x)` needs `from functools import reduce`
pub(super) fn reduce(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &work.tree;
    let Some(call) = tree.call_of(leaf) else { return Verdict::Leave };
    let nodes = tree.argument_nodes(call.trailer);
    let is_reduce = matches!(nodes.len(), 3 | 5) && !nodes.iter().any(|id| tree.is_keyword_argument(*id));
    if !is_reduce
        || tree.does_import(Some("functools"), "reduce")
        || tree.binding("reduce", tree.root()).is_some()
    {
        return Verdict::Leave;
    }
    work.add_import(Some("functools"), "reduce");
    Verdict::Fixed
}

/// `isinstance(x, (int, int))`, as `(int, long)` becomes → `isinstance(x, int)`
pub(super) fn isinstance(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let Some(call) = tree.call_of(leaf).filter(|call| tree.next(call.trailer).is_none()) else {
        return Verdict::Leave;
    };
    let nodes = tree.argument_nodes(call.trailer);
    let [_, _, tuple] = nodes[..] else { return Verdict::Leave };
    let list =
        tree.inner(tuple).filter(|inner| tree.is_parenthesized(tuple) && tree.is(*inner, Kind::TestListGexp));
    let Some(list) = list else { return Verdict::Leave };
    let mut seen: Vec<String> = Vec::new();
    let mut changed = false;
    for item in tree.child_list(list) {
        if !tree.is(item, Kind::Name) {
            continue;
        }
        if !seen.iter().any(|name| name == tree.text(item)) {
            seen.push(tree.text(item).to_owned());
            continue;
        }
        if let Some(comma) = tree.next(item).or_else(|| tree.prev(item)) {
            tree.remove(comma);
        }
        tree.remove(item);
        changed = true;
    }
    if !changed {
        return Verdict::Leave;
    }
    if let Some(last) = tree.last(list).filter(|last| tree.is_op(*last, ",")) {
        tree.remove(last);
    }
    if let Some(only) = tree.first(list).filter(|first| tree.next(*first).is_none()) {
        let prefix = tree.cloned_prefix(tuple);
        tree.replace(tuple, only);
        tree.set_prefix(only, prefix);
    }
    Verdict::Fixed
}

/// `set([1, 2])` → `{1, 2}`
pub(super) fn set_literal(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let Some(call) = tree.call_of(leaf).filter(|call| tree.next(call.trailer).is_none()) else {
        return Verdict::Leave;
    };
    let Some(list) =
        tree.inner(call.trailer).filter(|id| tree.is_parenthesized(*id) || tree.is_bracketed(*id))
    else {
        return Verdict::Leave;
    };
    let Some(items) = tree.inner(list) else { return Verdict::Leave };
    let is_tuple = tree.is_parenthesized(list);
    if is_tuple && !tree.children(items).any(|child| tree.is_op(child, ",")) {
        return Verdict::Leave; // One value in parentheses, or a generator, which may have to stay lazy.
    }
    if tree.is(items, Kind::Atom) && tree.is(list, Kind::Atom) && is_tuple {
        return Verdict::Leave;
    }
    let prefix = tree.cloned_prefix(call.power);
    let close_prefix = tree.cloned_prefix(tree.last(list).expect("a bracket closes"));
    tree.remove(items);
    if tree.is(items, Kind::TestListGexp)
        && tree.child_count(items) == 2
        && let Some(comma) = tree.last(items)
    {
        tree.remove(comma); // `(1,)`
    }
    let (open, close) = (tree.op("{"), tree.op("}"));
    tree.set_prefix(close, close_prefix);
    let literal = tree.node(Kind::Atom, &[open, items, close]);
    tree.replace(call.power, literal);
    tree.set_prefix(literal, prefix);
    Verdict::Fixed
}
