//! `urllib` and `urllib2`, which became `urllib.request`, `urllib.parse` and `urllib.error`.

use super::work::{Verdict, Work};
use crate::{
    kind::Kind,
    modules::{SPLIT, Split},
    tree::NodeId,
};

/// Rewrites an import of, or a name in, one of the two modules.
pub(super) fn urllib(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &work.tree;
    let Some(split) = SPLIT.iter().find(|split| split.old == tree.text(leaf)) else { return Verdict::Leave };
    match tree.parent_kind(leaf) {
        Some(Kind::ImportName | Kind::DottedAsNames) => import(work, leaf, split),
        Some(Kind::DottedAsName) => {
            Verdict::Advise("this module is several now; import each under a name of its own")
        }
        Some(Kind::ImportFrom) if tree.prev(leaf).is_some_and(|prev| tree.is_name(prev, "from")) => {
            let node = tree.parent(leaf).expect("an import");
            import_from(work, node, leaf, split)
        }
        Some(Kind::Power) => member(work, leaf, split),
        _ => Verdict::Leave,
    }
}

/// `import urllib2` → `import urllib.request, urllib.error, urllib.parse`
fn import(work: &mut Work<'_>, leaf: NodeId, split: &Split) -> Verdict {
    let tree = &mut work.tree;
    let prefix = tree.cloned_prefix(leaf);
    for (place, (module, _)) in split.new.iter().enumerate() {
        if place > 0 {
            let comma = tree.op(",");
            tree.insert_before(leaf, comma);
        }
        let name = tree.name(*module);
        tree.insert_before(leaf, name);
        tree.set_prefix(name, prefix.clone());
    }
    tree.remove(leaf);
    Verdict::Fixed
}

/// `urllib.quote` → `urllib.parse.quote`
fn member(work: &mut Work<'_>, leaf: NodeId, split: &Split) -> Verdict {
    let tree = &work.tree;
    let attribute = tree.next(leaf).filter(|_| tree.prev(leaf).is_none());
    let Some(name) = attribute
        .filter(|id| tree.is(*id, Kind::Trailer) && !tree.is_call_trailer(*id))
        .and_then(|id| tree.last(id))
    else {
        return Verdict::Leave;
    };
    if let Some(home) = split.home(tree.text(name)) {
        work.tree.set_text(leaf, home);
        return Verdict::Fixed;
    }
    if split.old == "urllib"
        && matches!(tree.text(name), "request" | "parse" | "error" | "response" | "robotparser")
    {
        return Verdict::Leave;
    }
    Verdict::Advise("none of the new modules has this name")
}

/// `from urllib import quote, urlopen` → one import for each new module
fn import_from(work: &mut Work<'_>, node: NodeId, leaf: NodeId, split: &'static Split) -> Verdict {
    let tree = &mut work.tree;
    let Some(list) = tree.imported_list(node) else { return Verdict::Leave };
    if tree.is_op(list, "*") {
        return Verdict::Advise("this module is several now; name what is used instead of importing all");
    }
    let items: Vec<NodeId> = tree.imported_items(list).map(|(item, _)| item).collect();
    let mut homes: Vec<(&'static str, Vec<NodeId>)> = Vec::new();
    let mut unknown = 0;
    for item in &items {
        let name = tree.first_leaf(*item);
        let home = split.home(tree.text(name)).unwrap_or_else(|| {
            unknown += 1;
            split.old
        });
        match homes.iter_mut().find(|(known, _)| *known == home) {
            Some((_, names)) => names.push(*item),
            None => homes.push((home, vec![*item])),
        }
    }
    if unknown == items.len() {
        return Verdict::Advise("none of the new modules has these names");
    }
    if let [(home, _)] = homes[..] {
        tree.set_text(leaf, home);
        return Verdict::Fixed;
    }
    split_import(work, node, homes);
    if unknown > 0 {
        Verdict::FixedUnsure("none of the new modules has some of these names")
    } else {
        Verdict::Fixed
    }
}

fn split_import(work: &mut Work<'_>, node: NodeId, homes: Vec<(&'static str, Vec<NodeId>)>) {
    let is_on_line_of_its_own = is_own_line(work, node);
    let indentation = work.tree.indentation(node);
    let prefix = work.tree.cloned_prefix(node);
    let place = node;
    for (number, (home, items)) in homes.into_iter().enumerate() {
        let import = from_import(work, home, &items);
        if number > 0 {
            let end = if is_on_line_of_its_own { work.newline() } else { work.tree.op(";") };
            work.tree.insert_before(place, end);
            work.tree
                .set_prefix(import, if is_on_line_of_its_own { indentation.clone() } else { " ".to_owned() });
        } else {
            work.tree.set_prefix(import, prefix.clone());
        }
        work.tree.insert_before(place, import);
    }
    work.tree.remove(node);
}

fn is_own_line(work: &Work<'_>, node: NodeId) -> bool {
    let tree = &work.tree;
    tree.parent(node).is_some_and(|line| {
        tree.child_count(line) == 2 && matches!(tree.parent_kind(line), Some(Kind::Suite | Kind::FileInput))
    })
}

fn from_import(work: &mut Work<'_>, module: &'static str, items: &[NodeId]) -> NodeId {
    let tree = &mut work.tree;
    let [from, name, import] = ["from", module, "import"].map(|text| tree.name(text));
    tree.set_prefix(name, " ");
    tree.set_prefix(import, " ");
    let mut names = Vec::new();
    for item in items {
        if !names.is_empty() {
            names.push(tree.op(","));
        }
        tree.remove(*item);
        tree.set_prefix(*item, " ");
        names.push(*item);
    }
    let list = tree.node(Kind::ImportAsNames, &names);
    tree.node(Kind::ImportFrom, &[from, name, import, list])
}
