//! Imports: renamed modules, modules beside the importing one, and the future that has come.

use super::work::{Verdict, Work};
use crate::{
    kind::Kind,
    modules::{LATE, RENAMED},
    tree::NodeId,
};

/// `import ConfigParser` → `import configparser`, and the uses of the name
pub(super) fn imports(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    rename(work, leaf, &RENAMED)
}

/// The same for modules whose new name is the old name of another one.
pub(super) fn late_imports(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    rename(work, leaf, &LATE)
}

fn rename(work: &mut Work<'_>, leaf: NodeId, modules: &[(&'static str, &'static str)]) -> Verdict {
    let tree = &work.tree;
    let Some((old, new)) = modules.iter().find(|(old, _)| *old == tree.text(leaf)).copied() else {
        return Verdict::Leave;
    };
    let parent = tree.parent_kind(leaf);
    let is_import = match parent {
        Some(Kind::ImportName | Kind::DottedAsNames) => true,
        Some(Kind::DottedAsName) => tree.prev(leaf).is_none(),
        Some(Kind::ImportFrom) => tree.prev(leaf).is_some_and(|prev| tree.is_name(prev, "from")),
        _ => false,
    };
    if !is_import {
        let is_use = work.renamed.contains(&(old, new)) && is_module_use(work, leaf);
        if is_use {
            work.tree.set_text(leaf, new);
        }
        return if is_use { Verdict::Fixed } else { Verdict::Leave };
    }
    if matches!(parent, Some(Kind::ImportName | Kind::DottedAsNames)) && !work.renamed.contains(&(old, new)) {
        work.renamed.push((old, new));
    }
    work.tree.set_text(leaf, new);
    match old {
        "commands" => Verdict::FixedUnsure("the new module has not all of the old one's names"),
        "StringIO" | "cStringIO" => {
            Verdict::FixedUnsure("io.StringIO holds text only; what holds bytes has to be io.BytesIO")
        }
        _ => Verdict::Fixed,
    }
}

/// `module.name`, or the module itself as a value; not an attribute, an argument's name or a target.
fn is_module_use(work: &Work<'_>, leaf: NodeId) -> bool {
    let tree = &work.tree;
    let Some(parent) = tree.parent(leaf) else { return false };
    match tree.kind(parent) {
        Kind::Power => {
            tree.prev(leaf).is_none()
                && tree.next(leaf).and_then(|next| tree.first(next)).is_some_and(|dot| tree.is_op(dot, "."))
        }
        Kind::ArgList | Kind::Trailer => !tree.prev(leaf).is_some_and(|prev| tree.is_op(prev, ".")),
        _ => false,
    }
}

/// `import spam`, where spam.py lies beside → `from . import spam`
pub(super) fn local_import(work: &mut Work<'_>, node: NodeId) -> Verdict {
    if work.facts.future.contains("absolute_import") || work.facts.siblings.is_empty() {
        return Verdict::Leave;
    }
    let Some(module) = work.tree.child(node, 1) else { return Verdict::Leave };
    if work.tree.is(node, Kind::ImportFrom) {
        local_from(work, module)
    } else {
        local_name(work, node, module)
    }
}

fn is_local(work: &Work<'_>, leaf: NodeId) -> bool {
    work.tree.is(leaf, Kind::Name) && work.facts.siblings.contains(work.tree.text(leaf))
}

fn local_from(work: &mut Work<'_>, module: NodeId) -> Verdict {
    let leaf = work.tree.first_leaf(module);
    if !is_local(work, leaf) {
        return Verdict::Leave;
    }
    let new = format!(".{}", work.tree.text(leaf));
    work.tree.set_text(leaf, new);
    Verdict::Fixed
}

fn local_name(work: &mut Work<'_>, node: NodeId, names: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let items: Vec<NodeId> = tree.imported_items(names).map(|(item, _)| item).collect();
    let local: Vec<bool> = items
        .iter()
        .map(|item| {
            let leaf = tree.first_leaf(*item);
            work.facts.siblings.contains(tree.text(leaf))
        })
        .collect();
    if !local.contains(&true) {
        return Verdict::Leave;
    }
    if local.contains(&false) {
        return Verdict::Advise(
            "some of these modules lie beside this one; import them with `from . import …` on a line of their own",
        );
    }
    let is_dotted = |item: &NodeId| {
        tree.is(tree.first(*item).unwrap_or(*item), Kind::DottedName) || tree.is(*item, Kind::DottedName)
    };
    if items.iter().any(is_dotted) {
        return Verdict::Advise(
            "this module lies beside this one; `from . import a.b` is not Python: write `from . import a` or `from .a import b`",
        );
    }
    let tree = &mut work.tree;
    let import = tree.first(node).expect("the word import");
    let prefix = tree.take_prefix(import);
    let (from, dot) = (tree.name("from"), tree.op("."));
    tree.set_prefix(dot, " ");
    tree.set_prefix(import, " ");
    tree.insert_before(import, from);
    tree.insert_before(import, dot);
    tree.set_prefix(from, prefix);
    Verdict::Fixed
}

/// `from __future__ import division` → an empty line
pub(super) fn future(work: &mut Work<'_>, node: NodeId) -> Verdict {
    let tree = &work.tree;
    let is_future = tree.child(node, 1).is_some_and(|module| tree.is_name(module, "__future__"));
    let stays = tree.leaves(node).any(|leaf| tree.is_name(leaf, "annotations"));
    if !is_future || stays {
        return Verdict::Leave;
    }
    blank(work, node);
    Verdict::Fixed
}

/// Takes a simple statement out, and leaves its line empty; in a block of its own, `pass`.
pub(super) fn blank(work: &mut Work<'_>, node: NodeId) {
    let tree = &mut work.tree;
    let prefix = tree.cloned_prefix(node);
    let Some(line) = tree.parent(node) else { return };
    if let Some(semicolon) = tree.next(node).filter(|next| tree.is_op(*next, ";")) {
        tree.remove(semicolon);
        tree.remove(node);
        tree.set_prefix(line, prefix);
        return;
    }
    let is_alone = tree.first(line) == Some(node);
    let is_needed = is_alone
        && match tree.parent(line) {
            Some(block) if tree.is(block, Kind::Suite) => {
                tree.children(block).filter(|id| !tree.is_leaf(*id)).count() == 1
            }
            Some(block) => !tree.is(block, Kind::FileInput),
            None => false,
        };
    let rest = if is_needed { tree.name("pass") } else { tree.leaf(Kind::Newline, "") };
    tree.replace(node, rest);
    if !is_alone && let Some(semicolon) = tree.prev(rest).filter(|prev| tree.is_op(*prev, ";")) {
        tree.remove(semicolon);
        tree.remove(rest);
        return;
    }
    tree.set_prefix(rest, prefix);
}

/// `sys.exitfunc = f` → `atexit.register(f)`
pub(super) fn exitfunc(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    if tree.is_name(leaf, "sys") {
        let is_import = matches!(tree.parent_kind(leaf), Some(Kind::ImportName | Kind::DottedAsNames));
        if is_import && work.sys_import.is_none() {
            work.sys_import = tree.ancestors(leaf).find(|above| tree.is(*above, Kind::ImportName));
        }
        return Verdict::Leave;
    }
    let Some(power) = tree.attribute_of_name(leaf, "sys").and_then(|attribute| tree.parent(attribute)) else {
        return Verdict::Leave;
    };
    let Some(assignment) = tree.parent(power).filter(|parent| tree.is(*parent, Kind::ExprStmt)) else {
        return Verdict::Leave;
    };
    if tree.first(assignment) != Some(power) || tree.child_count(assignment) != 3 {
        return Verdict::Leave;
    }
    let prefix = tree.cloned_prefix(assignment);
    let value = tree.last(assignment).expect("it has three children");
    tree.remove(value);
    tree.set_prefix(value, "");
    let (module, register) = (tree.name("atexit"), tree.make_attribute("register"));
    let function = tree.node(Kind::Power, &[module, register]);
    let call = tree.make_call(function, &[value]);
    tree.replace(assignment, call);
    tree.set_prefix(call, prefix);
    let Some(import) = work.sys_import else {
        return Verdict::FixedUnsure("there is no `import sys` to put `import atexit` behind; add it");
    };
    add_atexit(work, import);
    Verdict::Fixed
}

fn add_atexit(work: &mut Work<'_>, import: NodeId) {
    if work.tree.does_import(None, "atexit") {
        return;
    }
    let name = work.tree.name("atexit");
    work.tree.set_prefix(name, " ");
    let names = work.tree.last(import).expect("an import has names");
    if work.tree.is(names, Kind::DottedAsNames) {
        let comma = work.tree.op(",");
        work.tree.append(names, comma);
        work.tree.append(names, name);
        return;
    }
    let keyword = work.tree.name("import");
    let new = work.tree.node(Kind::ImportName, &[keyword, name]);
    let indentation = work.tree.indentation(import);
    work.tree.set_prefix(new, indentation);
    let end = work.newline();
    work.tree.insert_after(import, end);
    work.tree.insert_after(end, new);
}
