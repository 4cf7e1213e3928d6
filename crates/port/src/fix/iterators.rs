//! What gave a list in Python 2 and gives a view or an iterator in 3, and the names of what was lazy already.

use super::work::{Verdict, Work, consumes};
use crate::{build::Call, kind::Kind, tree::NodeId};

/// `d.keys()` → `list(d.keys())`, `d.iterkeys()` → `iter(d.keys())`, `d.viewkeys()` → `d.keys()`
pub(super) fn dict(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    if work.tree.parent_kind(leaf) == Some(Kind::FuncDef) {
        return dict_method(work, leaf);
    }
    let Some(call) = work.tree.method_call_of(leaf) else { return Verdict::Leave };
    if work.tree.inner(call.trailer).is_some() {
        return Verdict::Leave;
    }
    let name = match work.tree.text(leaf) {
        "keys" | "iterkeys" | "viewkeys" => "keys",
        "values" | "itervalues" | "viewvalues" => "values",
        _ => "items",
    };
    let is_view = work.tree.text(leaf).starts_with("view");
    let is_lazy = work.tree.text(leaf).starts_with("iter");
    let is_old = is_view || is_lazy;
    if is_old {
        work.tree.set_text(leaf, name);
    }
    let is_last = work.tree.next(call.trailer).is_none();
    if is_view || is_last && takes_view(work, call.power, is_lazy) {
        work.lazy.insert(call.power);
        return if is_old { Verdict::Fixed } else { Verdict::Leave };
    }
    if work.lazy.contains(&call.power) && !is_old {
        return Verdict::Leave;
    }
    work.tree.wrap_head(call.power, call.trailer, if is_lazy { "iter" } else { "list" });
    Verdict::Fixed
}

/// `def iteritems(self)` in a class without `items`: its callers now call `items()`.
fn dict_method(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let function = tree.parent(leaf).expect("its kind was asked");
    let is_method = tree.parent(function).and_then(|suite| tree.parent_kind(suite)) == Some(Kind::ClassDef);
    let new = tree.text(leaf).trim_start_matches("iter").trim_start_matches("view").to_owned();
    if !is_method || tree.text(leaf) == new || super::classes::has_method(tree, function, &new) {
        return Verdict::Leave;
    }
    tree.set_text(leaf, new);
    Verdict::FixedUnsure("calls of this method are rewritten too, in this module and others")
}

fn takes_view(work: &Work<'_>, power: NodeId, is_lazy: bool) -> bool {
    if let Some(function) = work.sole_argument_of(power) {
        return consumes(function) || is_lazy && function == "iter";
    }
    is_lazy && work.is_iterated(power)
}

/// A call of a built-in whose result is a power `name(…)` and trailers; not `name(…) ** 2`.
fn builtin_call(work: &Work<'_>, leaf: NodeId) -> Option<Call> {
    let call = work.tree.call_of(leaf)?;
    let mut after = std::iter::successors(work.tree.next(call.trailer), |id| work.tree.next(*id));
    let only_trailers = after.all(|id| work.tree.is(id, Kind::Trailer));
    (only_trailers && work.tree.inner(call.trailer).is_some()).then_some(call)
}

fn is_whole(work: &Work<'_>, call: Call) -> bool {
    work.tree.next(call.trailer).is_none()
}

const UNSURE: &str = "filter() of a string or a tuple gave a string or a tuple in Python 2";

/// `filter(f, x)` → `list(filter(f, x))`, or a comprehension when `f` is a lambda or `None`
pub(super) fn filter(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let Some(call) = builtin_call(work, leaf) else { return Verdict::Leave };
    if work.tree.does_import(Some("future_builtins"), "filter") {
        return Verdict::Leave;
    }
    if let Some((parameter, body, iterable)) = simple_lambda(work, call) {
        let body = if work.tree.is(body, Kind::Test) {
            work.tree.set_prefix(body, "");
            work.tree.parenthesize(body)
        } else {
            body
        };
        let item = work.tree.copy(parameter);
        comprehension(work, call, item, parameter, iterable, Some(body));
        return Verdict::FixedUnsure(UNSURE);
    }
    let nodes = work.tree.argument_nodes(call.trailer);
    if let [none, _, iterable] = nodes[..]
        && work.tree.is_name(none, "None")
    {
        let [item, parameter, test] = [(); 3].map(|()| work.tree.name("_f"));
        comprehension(work, call, item, parameter, iterable, Some(test));
        return Verdict::FixedUnsure(UNSURE);
    }
    if is_whole(work, call) && work.only_iterated(call.power) {
        return Verdict::Leave;
    }
    work.tree.wrap_head(call.power, call.trailer, "list");
    Verdict::FixedUnsure(UNSURE)
}

/// `map(f, x)` → `list(map(f, x))`, `map(None, x)` → `list(x)`, or a comprehension when `f` is a lambda
pub(super) fn map(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let Some(call) = builtin_call(work, leaf) else { return Verdict::Leave };
    if work.tree.does_import(Some("future_builtins"), "map") {
        return Verdict::Leave;
    }
    if work.tree.parent_kind(call.power) == Some(Kind::SimpleStmt) {
        work.tree.wrap_head(call.power, work.tree.last(call.power).unwrap_or(call.trailer), "list");
        return Verdict::FixedUnsure("a `for` loop says better that only the effects matter");
    }
    if let Some((parameter, body, iterable)) = simple_lambda(work, call) {
        let target = parameter;
        comprehension(work, call, body, target, iterable, None);
        return Verdict::Fixed;
    }
    let nodes = work.tree.argument_nodes(call.trailer);
    let is_none = nodes.first().is_some_and(|first| work.tree.is_name(*first, "None"));
    let has_comma = |place: usize| nodes.get(place).is_some_and(|id| work.tree.is_op(*id, ","));
    if is_none && (nodes.len() == 3 || nodes.len() == 4 && has_comma(3)) {
        if is_whole(work, call) && work.only_iterated(call.power) {
            return Verdict::Leave;
        }
        work.tree.set_prefix(nodes[2], "");
        let arguments = work.tree.make_arguments(&[nodes[2]]);
        work.tree.replace(call.trailer, arguments);
        work.tree.set_text(leaf, "list");
        return Verdict::Fixed;
    }
    if is_none && nodes.len() > 1 {
        return Verdict::Advise("map(None, …) filled up the shorter ones; use itertools.zip_longest(…)");
    }
    if is_whole(work, call) && work.only_iterated(call.power) {
        return Verdict::Leave;
    }
    work.tree.wrap_head(call.power, call.trailer, "list");
    if work.tree.arguments(call.trailer).len() > 2 {
        return Verdict::FixedUnsure("map() now ends with the shortest sequence");
    }
    Verdict::Fixed
}

/// `zip(x, y)` → `list(zip(x, y))`
pub(super) fn zip(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let Some(call) = zip_call(work, leaf) else { return Verdict::Leave };
    if work.tree.does_import(Some("future_builtins"), "zip")
        || is_whole(work, call) && work.only_iterated(call.power)
    {
        return Verdict::Leave;
    }
    work.tree.wrap_head(call.power, call.trailer, "list");
    Verdict::Fixed
}

fn zip_call(work: &Work<'_>, leaf: NodeId) -> Option<Call> {
    work.tree.call_of(leaf).and_then(|call| {
        let mut after = std::iter::successors(work.tree.next(call.trailer), |id| work.tree.next(*id));
        after.all(|id| work.tree.is(id, Kind::Trailer)).then_some(call)
    })
}

/// The parameter, the body and the iterable of `map(lambda x: …, iterable)`.
fn simple_lambda(work: &Work<'_>, call: Call) -> Option<(NodeId, NodeId, NodeId)> {
    let tree = &work.tree;
    let nodes = tree.argument_nodes(call.trailer);
    let [lambda, _, iterable] = nodes[..] else { return None };
    if !tree.is(lambda, Kind::LambDef) || tree.is_star_argument(iterable) {
        return None;
    }
    let parts = tree.child_list(lambda);
    let [_, parameter, _, body] = parts[..] else { return None };
    if tree.is(parameter, Kind::Name) {
        return Some((parameter, body, iterable));
    }
    let inner = tree.is(parameter, Kind::VfpDef).then(|| tree.inner(parameter)).flatten()?;
    tree.is(inner, Kind::Name).then_some((inner, body, iterable))
}

/// Puts `[item for target in iterable if test]` where the call stands; trailers after the call stay.
fn comprehension(
    work: &mut Work<'_>,
    call: Call,
    item: NodeId,
    target: NodeId,
    iterable: NodeId,
    test: Option<NodeId>,
) {
    let tree = &mut work.tree;
    let prefix = tree.cloned_prefix(call.power);
    tree.set_prefix(item, "");
    let [keyword, within] = ["for", "in"].map(|text| tree.name(text));
    let mut parts = vec![keyword, target, within, iterable];
    for part in &parts {
        tree.set_prefix(*part, " ");
    }
    // Where the body of the lambda binds looser than the place allows.
    if tree.is(iterable, Kind::Test) || tree.is(iterable, Kind::LambDef) {
        tree.set_prefix(iterable, "");
        let whole = tree.parenthesize(iterable);
        tree.set_prefix(whole, " ");
        parts[3] = whole;
    }
    if let Some(test) = test {
        tree.set_prefix(test, " ");
        let keyword = tree.name("if");
        tree.set_prefix(keyword, " ");
        parts.push(tree.node(Kind::CompIf, &[keyword, test]));
    }
    let clause = tree.node(Kind::CompFor, &parts);
    let maker = tree.node(Kind::ListMaker, &[item, clause]);
    let (open, close) = (tree.op("["), tree.op("]"));
    let list = tree.node(Kind::Atom, &[open, maker, close]);
    tree.remove(tree.prev(call.trailer).expect("the function's name"));
    tree.replace(call.trailer, list);
    tree.set_prefix(list, prefix);
}

/// `xrange(n)` → `range(n)`, `range(n)` → `list(range(n))`
pub(super) fn xrange(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let Some(call) = work.tree.call_of(leaf).filter(|call| work.tree.inner(call.trailer).is_some()) else {
        return Verdict::Leave;
    };
    if work.tree.text(leaf) == "xrange" {
        work.tree.set_text(leaf, "range");
        return Verdict::Fixed;
    }
    let is_last = is_whole(work, call);
    if is_last && (work.is_iterated(call.power) || work.sole_argument_of(call.power).is_some_and(consumes)) {
        return Verdict::Leave;
    }
    let tree = &work.tree;
    let is_searched = is_last
        && tree.parent_kind(call.power) == Some(Kind::Comparison)
        && tree.prev(call.power).is_some_and(|word| tree.is_name(word, "in"));
    if is_searched {
        return Verdict::Leave;
    }
    work.tree.wrap_head(call.power, call.trailer, "list");
    Verdict::Fixed
}

/// `itertools.imap(…)` → `map(…)`, `itertools.izip_longest(…)` → `itertools.zip_longest(…)`
pub(super) fn itertools(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let new: String = tree.text(leaf)[1..].to_owned();
    let stays = matches!(tree.text(leaf), "ifilterfalse" | "izip_longest");
    if let Some(call) = tree.call_of(leaf) {
        if tree.next(call.trailer).is_some_and(|next| tree.is_op(next, "**")) {
            return Verdict::Leave;
        }
        tree.set_text(leaf, new);
        return Verdict::Fixed;
    }
    let Some(attribute) = tree.attribute_of_name(leaf, "itertools") else { return Verdict::Leave };
    if !tree.next(attribute).is_some_and(|next| tree.is_call_trailer(next)) {
        return Verdict::Leave;
    }
    tree.set_text(leaf, new);
    if !stays {
        let module = tree.prev(attribute).expect("the module's name");
        let prefix = tree.take_prefix(module);
        tree.remove(module);
        tree.replace(attribute, leaf);
        tree.set_prefix(leaf, prefix);
    }
    Verdict::Fixed
}

/// Takes `imap`, `izip` and `ifilter` out of an import, and renames the others.
pub(super) fn itertools_imports(work: &mut Work<'_>, node: NodeId) -> Verdict {
    let tree = &mut work.tree;
    if !tree.child(node, 1).is_some_and(|module| tree.is_name(module, "itertools")) {
        return Verdict::Leave;
    }
    let Some(list) = tree.imported_list(node).filter(|list| !tree.is_op(*list, "*")) else {
        return Verdict::Leave;
    };
    let items: Vec<_> = tree.imported_items(list).collect();
    let mut renamed = false;
    let mut gone = Vec::new();
    for (item, bound) in &items {
        let name = tree.first_leaf(*item);
        match tree.text(name) {
            "imap" | "izip" | "ifilter" => gone.push((*item, name, *bound)),
            "ifilterfalse" => {
                tree.set_text(name, "filterfalse");
                renamed = true;
            }
            "izip_longest" => {
                tree.set_text(name, "zip_longest");
                renamed = true;
            }
            _ => (),
        }
    }
    if gone.is_empty() {
        return if renamed { Verdict::Fixed } else { Verdict::Leave };
    }
    // `izip as zip_` is still needed under that name.
    let aliases: Vec<String> = gone
        .iter()
        .filter(|(_, name, bound)| name != bound)
        .map(|(_, name, bound)| format!("{} = {}", tree.text(*bound), &tree.text(*name)[1..]))
        .collect();
    let is_all = gone.len() == items.len();
    for (item, ..) in gone.into_iter().filter(|(item, ..)| *item != list) {
        remove_item(work, item);
    }
    keep_aliases(work, node, &aliases, is_all);
    Verdict::Fixed
}

/// Takes an item out of a list, with one comma.
fn remove_item(work: &mut Work<'_>, item: NodeId) {
    let tree = &mut work.tree;
    match (tree.prev(item), tree.next(item)) {
        (None, Some(comma)) => {
            let prefix = tree.cloned_prefix(item);
            if let Some(follower) = tree.next(comma) {
                tree.set_prefix(follower, prefix);
            }
            tree.remove(comma);
        }
        (Some(comma), _) => tree.remove(comma),
        (None, None) => (),
    }
    tree.remove(item);
}

fn keep_aliases(work: &mut Work<'_>, node: NodeId, aliases: &[String], is_all: bool) {
    if aliases.is_empty() {
        if is_all {
            super::imports::blank(work, node);
        }
        return;
    }
    let tree = &mut work.tree;
    let prefix = tree.cloned_prefix(node);
    let alias = tree.name(aliases.join("; "));
    if is_all {
        tree.replace(node, alias);
        tree.set_prefix(alias, prefix);
        return;
    }
    let semicolon = tree.op(";");
    tree.insert_after(node, semicolon);
    tree.insert_after(semicolon, alias);
    tree.set_prefix(alias, " ");
}

const SHADOWED: Verdict = Verdict::Advise("calls of the built-in next() may be shadowed by this name");

/// `it.next()` → `next(it)`, `def next(self)` → `def __next__(self)`
pub(super) fn next(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    match work.tree.parent_kind(leaf) {
        Some(Kind::Trailer) => next_attribute(work, leaf),
        Some(Kind::FuncDef) => next_method(work, leaf),
        Some(Kind::GlobalStmt) => {
            work.shadowed_next = true;
            SHADOWED
        }
        _ => Verdict::Leave,
    }
}

fn next_attribute(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let Some(attribute) = work.tree.attribute_of(leaf) else { return Verdict::Leave };
    let power = work.tree.parent(attribute).expect("a trailer stands in a power");
    if let Some(call) = work.tree.method_call_of(leaf)
        && work.tree.inner(call.trailer).is_none()
    {
        if work.tree.next(call.trailer).is_some_and(|next| work.tree.is_op(next, "**")) {
            return Verdict::Leave;
        }
        if work.shadowed_next {
            work.tree.set_text(leaf, "__next__");
            return Verdict::Fixed;
        }
        work.tree.remove(attribute);
        let prefix = work.tree.take_prefix(power);
        let head: Vec<NodeId> =
            work.tree.children(power).take_while(|child| *child != call.trailer).collect();
        let inner = if let [one] = head[..] { one } else { work.tree.node(Kind::Power, &head) };
        let name = work.tree.name("next");
        let arguments = work.tree.make_arguments(&[inner]);
        work.tree.insert_before(call.trailer, name);
        work.tree.replace(call.trailer, arguments);
        work.tree.set_prefix(power, prefix);
        return Verdict::Fixed;
    }
    if work.tree.next(attribute).is_some() {
        return Verdict::Leave;
    }
    if is_target(work, power) {
        let is_builtin =
            work.tree.prev(attribute).is_some_and(|module| work.tree.is_name(module, "__builtin__"));
        return if is_builtin { SHADOWED } else { Verdict::Leave };
    }
    if is_data(work) {
        return Verdict::Leave;
    }
    work.tree.set_text(leaf, "__next__");
    work.tree.set_prefix(leaf, "");
    Verdict::FixedUnsure("an attribute that only happens to be called `next` keeps its name")
}

/// Whether the source assigns to an attribute `next`, as lists of linked nodes do.
fn is_data(work: &Work<'_>) -> bool {
    let tree = &work.tree;
    tree.leaves(tree.root()).filter(|leaf| tree.is_name(*leaf, "next")).any(|leaf| {
        tree.attribute_of(leaf).is_some_and(|attribute| {
            tree.next(attribute).is_none()
                && tree.parent(attribute).is_some_and(|power| is_target(work, power))
        })
    })
}

fn next_method(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let function = tree.parent(leaf).expect("its parent is a function");
    let is_only_self = tree
        .next(leaf)
        .and_then(|parameters| tree.inner(parameters))
        .is_some_and(|parameter| tree.is(parameter, Kind::Name));
    let is_method = tree
        .parent(function)
        .is_some_and(|suite| tree.is(suite, Kind::Suite) && tree.parent_kind(suite) == Some(Kind::ClassDef));
    if !is_only_self || !is_method || super::classes::has_method(tree, function, "__next__") {
        return Verdict::Leave;
    }
    tree.set_text(leaf, "__next__");
    Verdict::Fixed
}

/// Whether `node` is, or is in, the first target of an assignment.
fn is_target(work: &Work<'_>, node: NodeId) -> bool {
    let tree = &work.tree;
    let mut below = node;
    for above in tree.ancestors(node) {
        match tree.kind(above) {
            Kind::ExprStmt => return tree.first(above) == Some(below),
            Kind::SimpleStmt => return false,
            _ => below = above,
        }
    }
    false
}

/// `for line in f.xreadlines()` → `for line in f`
pub(super) fn xreadlines(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let Some(attribute) = tree.attribute_of(leaf) else { return Verdict::Leave };
    match tree.next(attribute) {
        None => tree.set_text(leaf, "__iter__"),
        Some(trailer)
            if tree.is_call_trailer(trailer)
                && tree.inner(trailer).is_none()
                && tree.next(trailer).is_none() =>
        {
            let power = tree.parent(attribute).expect("a trailer stands in a power");
            tree.remove(attribute);
            tree.remove(trailer);
            tree.collapse(power);
        }
        Some(_) => return Verdict::Leave,
    }
    Verdict::Fixed
}
