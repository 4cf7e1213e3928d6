//! Statements that became functions, and forms of expressions that are gone: `print`, `exec`, backticks, `<>`, `has_key`.

use super::work::{Verdict, Work};
use crate::{dialect::Dialect, kind::Kind, tree::NodeId};

/// `print a, b` → `print(a, b)`
pub(super) fn print(work: &mut Work<'_>, node: NodeId) -> Verdict {
    if work.tree.is(node, Kind::Name) {
        return bare_print(work, node);
    }
    let mut values = work.tree.child_list(node);
    values.remove(0);
    if let [only] = values[..]
        && work.tree.is_parenthesized(only)
        && let Some(verdict) = parenthesized_print(work, only)
    {
        return verdict;
    }
    let prefix = work.tree.cloned_prefix(node);
    let mut end = None;
    if values.last().is_some_and(|last| work.tree.is_op(*last, ",")) {
        values.pop();
        end = Some(work.tree.leaf(Kind::Str, "' '"));
    }
    let mut file = None;
    if work.tree.is_op(values[0], ">>") {
        file = Some(values[1]);
        values.drain(..values.len().min(3));
    }
    if let Some(first) = values.first() {
        work.tree.set_prefix(*first, "");
    }
    add_keyword(work, &mut values, "end", end);
    add_keyword(work, &mut values, "file", file);
    let call = work.tree.call_named("print", &values);
    work.tree.set_prefix(call, prefix);
    work.tree.replace(node, call);
    if end.is_some() {
        Verdict::FixedUnsure("Python 2 wrote no space before a line's end or after one")
    } else {
        Verdict::Fixed
    }
}

fn bare_print(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    if work.tree.parent_kind(leaf) != Some(Kind::SimpleStmt) {
        return Verdict::Leave;
    }
    let prefix = work.tree.cloned_prefix(leaf);
    let call = work.tree.call_named("print", &[]);
    work.tree.replace(leaf, call);
    work.tree.set_prefix(call, prefix);
    Verdict::Fixed
}

/// `print (x)` is the same in both; `print (a, b)` is a tuple in Python 2 and two arguments in 3.
fn parenthesized_print(work: &Work<'_>, value: NodeId) -> Option<Verdict> {
    let Some(inner) = work.tree.inner(value) else { return Some(Verdict::Leave) };
    if work.tree.is(inner, Kind::YieldExpr) {
        return None;
    }
    let is_tuple = work.tree.is(inner, Kind::TestListGexp)
        && work.tree.children(inner).any(|child| work.tree.is_op(child, ","));
    if !is_tuple {
        return Some(Verdict::Leave);
    }
    let is_written_as_a_call = work.tree.prefix(value).is_empty();
    let is_python_2 = work.facts.has_print_statement || work.facts.dialect == Dialect::Python2;
    if is_written_as_a_call && !is_python_2 {
        return Some(Verdict::Advise(
            "Python 2 prints a tuple here, Python 3 two values; write print((a, b)) if the tuple is meant",
        ));
    }
    None
}

fn add_keyword(work: &mut Work<'_>, values: &mut Vec<NodeId>, name: &'static str, value: Option<NodeId>) {
    let Some(value) = value else { return };
    work.tree.set_prefix(value, "");
    let (keyword, equals) = (work.tree.name(name), work.tree.op("="));
    let argument = work.tree.node(Kind::Argument, &[keyword, equals, value]);
    if !values.is_empty() {
        values.push(work.tree.op(","));
        work.tree.set_prefix(argument, " ");
    }
    values.push(argument);
}

/// `exec code in a, b` → `exec(code, a, b)`
pub(super) fn exec(work: &mut Work<'_>, node: NodeId) -> Verdict {
    let children = work.tree.child_list(node);
    let has_scope = children.len() > 2;
    if !has_scope && work.tree.is_parenthesized(children[1]) {
        return Verdict::Leave;
    }
    let prefix = work.tree.cloned_prefix(node);
    work.tree.set_prefix(children[1], "");
    let mut arguments = vec![children[1]];
    for scope in children.iter().skip(3).step_by(2) {
        arguments.push(work.tree.op(","));
        arguments.push(*scope);
    }
    let call = work.tree.call_named("exec", &arguments);
    work.tree.set_prefix(call, prefix);
    work.tree.replace(node, call);
    if has_scope || !is_in_function(work, call) {
        Verdict::Fixed
    } else {
        Verdict::FixedUnsure("exec() no longer binds names of the function around it")
    }
}

fn is_in_function(work: &Work<'_>, node: NodeId) -> bool {
    work.tree.ancestors(node).any(|above| work.tree.is(above, Kind::FuncDef))
}

/// `` `x` `` → `repr(x)`
pub(super) fn repr(work: &mut Work<'_>, node: NodeId) -> Verdict {
    if !work.tree.first(node).is_some_and(|first| work.tree.is_op(first, "`")) {
        return Verdict::Leave;
    }
    let Some(mut inner) = work.tree.inner(node) else { return Verdict::Leave };
    let prefix = work.tree.cloned_prefix(node);
    work.tree.remove(inner);
    if work.tree.is(inner, Kind::TestList1) {
        inner = work.tree.parenthesize(inner);
    }
    let call = work.tree.call_named("repr", &[inner]);
    work.tree.set_prefix(call, prefix);
    splice(work, node, call);
    Verdict::Fixed
}

/// Puts a power where an atom stands; within a power its children, so that no power is the head of another.
pub(super) fn splice(work: &mut Work<'_>, node: NodeId, power: NodeId) {
    let is_head = work.tree.parent_kind(node) == Some(Kind::Power) && work.tree.prev(node).is_none();
    if !is_head {
        work.tree.replace(node, power);
        return;
    }
    for child in work.tree.child_list(power) {
        work.tree.insert_before(node, child);
    }
    work.tree.remove(node);
}

/// `<>` → `!=`
pub(super) fn ne(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    work.tree.set_text(leaf, "!=");
    Verdict::Fixed
}

/// `[x for x in 1, 2]` → `[x for x in (1, 2)]`
pub(super) fn paren(work: &mut Work<'_>, node: NodeId) -> Verdict {
    if work.tree.parent_kind(node) != Some(Kind::CompFor) {
        return Verdict::Leave;
    }
    let prefix = work.tree.take_prefix(node);
    let (open, close) = (work.tree.op("("), work.tree.op(")"));
    work.tree.prepend(node, open);
    work.tree.append(node, close);
    work.tree.set_prefix(node, prefix);
    Verdict::Fixed
}

/// `d.has_key(k)` → `k in d`
pub(super) fn has_key(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let Some(call) = tree.method_call_of(leaf) else { return Verdict::Leave };
    let nodes = tree.argument_nodes(call.trailer);
    let [argument, ref rest @ ..] = nodes[..] else { return Verdict::Leave };
    let is_alone = rest.is_empty() || rest.len() == 1 && tree.is_op(rest[0], ",");
    if !is_alone || tree.is_keyword_argument(argument) || tree.is_star_argument(argument) {
        return Verdict::Leave;
    }
    let power = call.power;
    let prefix = tree.cloned_prefix(power);
    let (attribute, after) = (tree.parent(leaf).expect("an attribute"), tree.next(call.trailer));
    let object = take_head(work, power, attribute);
    let tree = &mut work.tree;
    tree.remove(argument);
    tree.set_prefix(argument, "");
    let needs_parentheses = matches!(
        tree.kind(argument),
        Kind::Comparison
            | Kind::NotTest
            | Kind::AndTest
            | Kind::OrTest
            | Kind::Test
            | Kind::LambDef
            | Kind::Argument
    );
    let argument = if needs_parentheses { tree.parenthesize(argument) } else { argument };
    tree.set_prefix(object, " ");
    let negation = tree.parent(power).filter(|above| tree.is(*above, Kind::NotTest) && after.is_none());
    let operator = in_operator(work, negation.is_some());
    let tree = &mut work.tree;
    let comparison = tree.node(Kind::Comparison, &[argument, operator, object]);
    if let Some(negation) = negation {
        let prefix = tree.cloned_prefix(negation);
        tree.replace(negation, comparison);
        tree.set_prefix(comparison, prefix);
        wrap_if_operand(work, comparison);
        return Verdict::Fixed;
    }
    if after.is_none() {
        tree.replace(power, comparison);
        tree.set_prefix(comparison, prefix);
        wrap_if_operand(work, comparison);
        return Verdict::Fixed;
    }
    let whole = tree.parenthesize(comparison);
    tree.replace(attribute, whole);
    tree.remove(call.trailer);
    tree.set_prefix(whole, prefix);
    Verdict::Fixed
}

fn in_operator(work: &mut Work<'_>, negated: bool) -> NodeId {
    let within = work.tree.name("in");
    work.tree.set_prefix(within, " ");
    if !negated {
        return within;
    }
    let not = work.tree.name("not");
    work.tree.set_prefix(not, " ");
    work.tree.node(Kind::CompOp, &[not, within])
}

/// Takes what stands before `attribute` in a power, as one node.
fn take_head(work: &mut Work<'_>, power: NodeId, attribute: NodeId) -> NodeId {
    let head: Vec<NodeId> = work.tree.children(power).take_while(|child| *child != attribute).collect();
    match head[..] {
        [one] => {
            work.tree.remove(one);
            one
        }
        _ => work.tree.node(Kind::Power, &head),
    }
}

/// A comparison among tighter operators needs parentheses.
fn wrap_if_operand(work: &mut Work<'_>, comparison: NodeId) {
    let is_operand = matches!(
        work.tree.parent_kind(comparison),
        Some(
            Kind::Comparison
                | Kind::Expr
                | Kind::XorExpr
                | Kind::AndExpr
                | Kind::ShiftExpr
                | Kind::ArithExpr
                | Kind::Term
                | Kind::Factor
                | Kind::Power
        )
    );
    if !is_operand {
        return;
    }
    let prefix = work.tree.take_prefix(comparison);
    let place = work.tree.leaf(Kind::Name, "");
    work.tree.replace(comparison, place);
    let whole = work.tree.parenthesize(comparison);
    work.tree.set_prefix(whole, prefix);
    work.tree.replace(place, whole);
}
