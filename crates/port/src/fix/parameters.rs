//! Parameters that are tuples.

use super::{
    exceptions::put_in_suite,
    work::{Verdict, Work},
};
use crate::{kind::Kind, tree::NodeId};

/// `def f((a, b)): …` → a parameter and an assignment; `lambda (a, b): a` → `lambda a_b: a_b[0]`
pub(super) fn tuple_params(work: &mut Work<'_>, node: NodeId) -> Verdict {
    if work.tree.is(node, Kind::FuncDef) { function(work, node) } else { lambda(work, node) }
}

fn function(work: &mut Work<'_>, node: NodeId) -> Verdict {
    let tree = &work.tree;
    let Some(list) = tree
        .children(node)
        .find(|child| tree.is(*child, Kind::Parameters))
        .and_then(|parameters| tree.inner(parameters))
    else {
        return Verdict::Leave;
    };
    let parameters = if tree.is(list, Kind::TypedArgsList) { tree.child_list(list) } else { vec![list] };
    let tuples: Vec<NodeId> = parameters.into_iter().filter(|id| tree.is(*id, Kind::TfpDef)).collect();
    if tuples.is_empty() {
        return Verdict::Leave;
    }
    let mut assignments = Vec::new();
    for tuple in tuples {
        let is_first = work.tree.prev(tuple).is_none_or(|prev| work.tree.is_op(prev, "("));
        let name = work.new_name("xxx_todo_changeme");
        let (parameter, source) = (work.tree.name(name.clone()), work.tree.name(name));
        work.tree.replace(tuple, parameter);
        work.tree.set_prefix(parameter, if is_first { "" } else { " " });
        work.tree.set_prefix(tuple, "");
        assignments.push(work.tree.assignment(tuple, source));
    }
    let body = work.tree.last(node).expect("a function has a body");
    if work.tree.is(body, Kind::Suite) {
        into_suite(work, body, assignments);
    } else {
        into_line(work, body, assignments);
    }
    Verdict::Fixed
}

/// Puts the assignments first in a block, behind the docstring.
fn into_suite(work: &mut Work<'_>, suite: NodeId, assignments: Vec<NodeId>) {
    let tree = &work.tree;
    let docstring = tree.children(suite).find(|id| !tree.is_leaf(*id)).filter(|line| {
        tree.is(*line, Kind::SimpleStmt)
            && tree.first(*line).is_some_and(|first| {
                tree.is(first, Kind::Str)
                    || tree.is(first, Kind::Atom) && tree.is(tree.first_leaf(first), Kind::Str)
            })
    });
    let Some(docstring) = docstring else {
        for assignment in assignments.into_iter().rev() {
            put_in_suite(work, suite, assignment);
        }
        return;
    };
    let indentation = work.tree.indentation(docstring);
    for assignment in assignments.into_iter().rev() {
        let end = work.newline();
        let line = work.tree.node(Kind::SimpleStmt, &[assignment, end]);
        work.tree.set_prefix(line, indentation.clone());
        work.tree.insert_after(docstring, line);
    }
}

/// Puts the assignments first on the line of a function's body.
fn into_line(work: &mut Work<'_>, line: NodeId, assignments: Vec<NodeId>) {
    for assignment in assignments.into_iter().rev() {
        let semicolon = work.tree.op(";");
        work.tree.take_prefix(line);
        work.tree.set_prefix(line, " ");
        work.tree.prepend(line, semicolon);
        work.tree.prepend(line, assignment);
        work.tree.set_prefix(line, " ");
    }
}

fn lambda(work: &mut Work<'_>, tuple: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let list = tree.parent(tuple).expect("a parameter stands in a list");
    let lambda = if tree.is(list, Kind::VarArgsList) { tree.parent(list) } else { Some(list) };
    let Some(lambda) = lambda.filter(|id| tree.is(*id, Kind::LambDef)) else { return Verdict::Leave };
    let body = tree.last(lambda).expect("a lambda has a body");
    let mut inner = tuple;
    while tree.is(inner, Kind::VfpDef) {
        let Some(deeper) = tree.inner(inner) else { return Verdict::Leave };
        inner = deeper;
    }
    if tree.is(inner, Kind::Name) {
        tree.remove(inner);
        tree.replace(tuple, inner);
        tree.set_prefix(inner, " ");
        return Verdict::Fixed;
    }
    let mut places = Vec::new();
    find_places(work, inner, &mut Vec::new(), &mut places);
    let wanted: Vec<&str> = places.iter().map(|(name, _)| name.as_str()).collect();
    let name = work.new_name(&wanted.join("_"));
    let parameter = work.tree.name(name.clone());
    work.tree.replace(tuple, parameter);
    work.tree.set_prefix(parameter, " ");
    replace_names(work, body, &name, &places);
    Verdict::Fixed
}

/// The names in a tuple of parameters, each with the subscripts that lead to it.
fn find_places(work: &Work<'_>, list: NodeId, path: &mut Vec<usize>, places: &mut Vec<(String, Vec<usize>)>) {
    let tree = &work.tree;
    let items = if tree.is(list, Kind::VfpList) { tree.child_list(list) } else { vec![list] };
    for (place, item) in items.into_iter().filter(|id| !tree.is_op(*id, ",")).enumerate() {
        path.push(place);
        if tree.is(item, Kind::Name) {
            places.push((tree.text(item).to_owned(), path.clone()));
        } else if let Some(inner) = tree.inner(item) {
            if tree.is(inner, Kind::VfpList) {
                find_places(work, inner, path, places);
            } else {
                path.pop();
                let before = path.clone();
                path.push(place);
                if tree.is(inner, Kind::Name) {
                    let mut whole = before;
                    whole.push(place);
                    places.push((tree.text(inner).to_owned(), whole));
                } else {
                    find_places(work, inner, path, places);
                }
            }
        }
        path.pop();
    }
}

fn replace_names(work: &mut Work<'_>, body: NodeId, name: &str, places: &[(String, Vec<usize>)]) {
    let tree = &mut work.tree;
    let leaves: Vec<NodeId> = tree.leaves(body).collect();
    for leaf in leaves {
        let is_attribute = tree.attribute_of(leaf).is_some();
        let is_keyword = tree.next(leaf).is_some_and(|next| tree.is_op(next, "="))
            && tree.parent_kind(leaf) == Some(Kind::Argument);
        if !tree.is(leaf, Kind::Name) || is_attribute || is_keyword {
            continue;
        }
        let Some((_, path)) = places.iter().find(|(known, _)| known == tree.text(leaf)) else { continue };
        let subscripts: String = path.iter().fold(String::new(), |text, place| text + &format!("[{place}]"));
        tree.set_text(leaf, format!("{name}{subscripts}"));
    }
}
