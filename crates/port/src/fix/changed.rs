//! Functions and methods that mean something else, or nothing any more; what can be told without knowing types.

use super::work::{Verdict, Work};
use crate::{build::Call, kind::Kind, tree::NodeId};

/// `round(x)`
pub(super) fn round(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let Some(call) = work.tree.call_of(leaf) else { return Verdict::Leave };
    match work.tree.arguments(call.trailer).len() {
        1 => Verdict::Advise(
            "the result is an int now, and halves go to the even neighbour: 2.5 to 2; int(x + 0.5) for positive numbers",
        ),
        2 => Verdict::Advise("halves go to the even neighbour; use decimal where cents count"),
        _ => Verdict::Leave,
    }
}

/// `s.encode('hex')` → `codecs.encode(s, 'hex')`
pub(super) fn codecs(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let Some(call) = tree.method_call_of(leaf) else { return Verdict::Leave };
    let arguments = tree.arguments(call.trailer);
    let [name] = arguments[..] else { return Verdict::Leave };
    let is_codec = tree.is(name, Kind::Str) && {
        let text = tree.text(name).trim_matches(['u', 'b', '\'', '"']).to_ascii_lowercase();
        matches!(
            text.as_str(),
            "hex"
                | "hex_codec"
                | "base64"
                | "base64_codec"
                | "rot13"
                | "rot_13"
                | "zlib"
                | "zip"
                | "bz2"
                | "quopri"
                | "uu"
                | "string_escape"
                | "string-escape"
        )
    };
    let attribute = tree.parent(leaf).expect("an attribute");
    if !is_codec || tree.prev(attribute).is_some_and(|object| tree.is_name(object, "codecs")) {
        return Verdict::Leave;
    }
    if tree.text(name).contains("escape") {
        return Verdict::Advise("this codec is gone; ast.literal_eval() and repr() are near to it");
    }
    let function = if tree.text(leaf) == "encode" { "codecs.encode" } else { "codecs.decode" };
    let prefix = tree.cloned_prefix(call.power);
    let head: Vec<NodeId> = tree.children(call.power).take_while(|child| *child != attribute).collect();
    let object = if let [one] = head[..] { one } else { tree.node(Kind::Power, &head) };
    tree.set_prefix(object, "");
    tree.set_prefix(name, " ");
    let comma = tree.op(",");
    tree.remove(name);
    let trailer = tree.make_arguments(&[object, comma, name]);
    let function = tree.name(function);
    tree.replace(attribute, function);
    tree.replace(call.trailer, trailer);
    tree.set_prefix(call.power, prefix);
    work.add_import(None, "codecs");
    Verdict::FixedUnsure(
        "it takes bytes and gives bytes (rot13: text); encode and decode around it where text is meant",
    )
}

/// `d.keys()[0]`: which one depended on the hashes
pub(super) fn hash_order(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &work.tree;
    let Some(call) = tree.method_call_of(leaf).filter(|call| tree.inner(call.trailer).is_none()) else {
        return Verdict::Leave;
    };
    let is_index = tree
        .next(call.trailer)
        .is_some_and(|next| tree.first(next).is_some_and(|first| tree.is_op(first, "[")));
    if tree.text(leaf) == "popitem" || is_index {
        return Verdict::Advise(
            "which item this is was up to the hashes, and is up to the order of insertion now",
        );
    }
    Verdict::Leave
}

/// `string.join(words, ' ')` → `' '.join(words)`
pub(super) fn string(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let Some(attribute) = work.tree.attribute_of_name(leaf, "string") else { return Verdict::Leave };
    let name = work.tree.text(leaf).to_owned();
    let constant = match name.as_str() {
        "letters" => Some("ascii_letters"),
        "lowercase" => Some("ascii_lowercase"),
        "uppercase" => Some("ascii_uppercase"),
        _ => None,
    };
    if let Some(constant) = constant {
        work.tree.set_text(leaf, constant);
        return Verdict::FixedUnsure("it depended on the locale, and is ASCII now");
    }
    let Some(call) = work.tree.method_call_of(leaf) else { return Verdict::Leave };
    match name.as_str() {
        "maketrans" => rename_call(work, attribute, "str.maketrans"),
        "atoi" | "atol" => rename_call(work, attribute, "int"),
        "atof" => rename_call(work, attribute, "float"),
        _ => return method(work, attribute, call, &name),
    }
    Verdict::Fixed
}

fn rename_call(work: &mut Work<'_>, attribute: NodeId, new: &'static str) {
    let module = work.tree.prev(attribute).expect("the module's name");
    work.tree.set_text(module, new);
    work.tree.remove(attribute);
}

/// `string.name(text, more)` → `text.name(more)`; of `join` and `joinfields` the other way round.
fn method(work: &mut Work<'_>, attribute: NodeId, call: Call, name: &str) -> Verdict {
    let tree = &mut work.tree;
    let mut arguments = tree.arguments(call.trailer);
    if arguments.is_empty() || arguments.iter().any(|id| tree.is(*id, Kind::Argument)) {
        return Verdict::Leave;
    }
    let prefix = tree.cloned_prefix(call.power);
    let is_join = matches!(name, "join" | "joinfields");
    let object = match (is_join, arguments.len()) {
        (false, _) => arguments.remove(0),
        (true, 1) => tree.leaf(Kind::Str, "' '"),
        (true, _) => arguments.remove(1),
    };
    tree.set_prefix(object, "");
    for argument in std::iter::once(object).chain(arguments.iter().copied()) {
        tree.remove(argument);
    }
    let is_tight = tree.is_leaf(object) || tree.is(object, Kind::Atom) || tree.is(object, Kind::Power);
    let object = if is_tight { object } else { tree.parenthesize(object) };
    let mut parts = Vec::new();
    for argument in arguments {
        if parts.is_empty() {
            tree.set_prefix(argument, "");
        } else {
            parts.push(tree.op(","));
        }
        parts.push(argument);
    }
    let trailer = tree.make_arguments(&parts);
    let module = tree.prev(attribute).expect("the module's name");
    tree.replace(module, object);
    let name = match name {
        "joinfields" => "join".to_owned(),
        "splitfields" => "split".to_owned(),
        _ => name.to_owned(),
    };
    let leaf = tree.last(attribute).expect("a name");
    tree.set_text(leaf, name);
    tree.replace(call.trailer, trailer);
    tree.set_prefix(call.power, prefix);
    Verdict::Fixed
}

/// Functions of `string` that are methods of text, and constants that have other names.
pub(super) const STRING: &[&str] = &[
    "atof",
    "atoi",
    "atol",
    "capitalize",
    "center",
    "count",
    "expandtabs",
    "find",
    "index",
    "join",
    "joinfields",
    "ljust",
    "lower",
    "lstrip",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rstrip",
    "split",
    "splitfields",
    "strip",
    "swapcase",
    "upper",
    "zfill",
    "maketrans",
    "letters",
    "lowercase",
    "uppercase",
];

/// `x.sort(f)`, `sorted(x, cmp=f)` and `cmp(a, b)`
pub(super) fn cmp(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    match work.tree.text(leaf) {
        "cmp" if work.tree.parent_kind(leaf) == Some(Kind::Argument) => cmp_argument(work, leaf),
        "cmp" => cmp_call(work, leaf),
        "sort" => {
            let call = work.tree.method_call_of(leaf);
            call.map_or(Verdict::Leave, |call| sort_argument(work, call, 0))
        }
        _ => {
            let call = work.tree.call_of(leaf);
            call.map_or(Verdict::Leave, |call| sort_argument(work, call, 1))
        }
    }
}

/// `sort(cmp=f)` → `sort(key=functools.cmp_to_key(f))`
fn cmp_argument(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let argument = tree.parent(leaf).expect("its kind was asked");
    let trailer = tree.ancestors(leaf).find(|above| tree.is(*above, Kind::Trailer));
    let function =
        trailer.and_then(|trailer| tree.prev(trailer)).map(|before| tree.last(before).unwrap_or(before));
    let is_sort = function.is_some_and(|name| tree.is_name(name, "sort") || tree.is_name(name, "sorted"));
    if !is_sort || tree.first(argument) != Some(leaf) {
        return Verdict::Leave;
    }
    let value = tree.last(argument).expect("an argument has a value");
    if tree.is_name(value, "cmp") {
        return Verdict::Advise("without cmp, sort() compares in the same way");
    }
    tree.set_text(leaf, "key");
    key_of(work, value);
    Verdict::Fixed
}

/// Puts `functools.cmp_to_key(…)` around a function.
fn key_of(work: &mut Work<'_>, value: NodeId) {
    let tree = &mut work.tree;
    let prefix = tree.take_prefix(value);
    let place = tree.leaf(Kind::Name, "");
    tree.replace(value, place);
    let call = tree.call_named("functools.cmp_to_key", &[value]);
    tree.replace(place, call);
    tree.set_prefix(call, prefix);
    work.add_import(None, "functools");
}

/// The function that compares, when it is the argument `place` and not named.
fn sort_argument(work: &mut Work<'_>, call: Call, place: usize) -> Verdict {
    let tree = &mut work.tree;
    let arguments = tree.arguments(call.trailer);
    let Some(value) = arguments.get(place).copied().filter(|value| !tree.is(*value, Kind::Argument)) else {
        return Verdict::Leave;
    };
    if tree.is_name(value, "None") || tree.is_name(value, "cmp") {
        return Verdict::Advise("sort() takes no function that compares any more; leave it out");
    }
    let prefix = tree.take_prefix(value);
    let hole = tree.leaf(Kind::Name, "");
    tree.replace(value, hole);
    let (key, equals) = (tree.name("key"), tree.op("="));
    let argument = tree.node(Kind::Argument, &[key, equals, value]);
    tree.replace(hole, argument);
    tree.set_prefix(argument, prefix);
    key_of(work, value);
    Verdict::Fixed
}

/// `cmp(a, b)` → `((a > b) - (a < b))`, where both sides are names or attributes
fn cmp_call(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let is_attribute = tree.attribute_of(leaf).is_some();
    let Some(call) = tree.call_of(leaf) else {
        let is_value = !is_attribute
            && matches!(tree.parent_kind(leaf), Some(Kind::ArgList | Kind::Trailer | Kind::ReturnStmt));
        return if is_value {
            Verdict::Advise("cmp() is gone; write a function that returns (a > b) - (a < b)")
        } else {
            Verdict::Leave
        };
    };
    let arguments = tree.arguments(call.trailer);
    let [left, right] = arguments[..] else { return Verdict::Leave };
    let is_simple = |id: NodeId| {
        tree.is_leaf(id)
            || tree.is(id, Kind::Power)
                && !tree.children(id).any(|child| tree.is_call_trailer(child) || tree.is_op(child, "**"))
    };
    if tree.next(call.trailer).is_some() || !is_simple(left) || !is_simple(right) {
        return Verdict::Advise("cmp(a, b) is gone: (a > b) - (a < b)");
    }
    let (a, b) = (tree.bare_text(left), tree.bare_text(right));
    let prefix = tree.cloned_prefix(call.power);
    let new = tree.leaf(Kind::Atom, "");
    let text = tree.name(format!("(({a} > {b}) - ({a} < {b}))"));
    tree.append(new, text);
    tree.replace(call.power, new);
    tree.set_prefix(new, prefix);
    Verdict::FixedUnsure("None and unlike types cannot be compared any more")
}

/// Special methods that nothing calls.
pub(super) const METHODS: &[&str] = &[
    "__cmp__",
    "__rcmp__",
    "__getslice__",
    "__setslice__",
    "__delslice__",
    "__div__",
    "__rdiv__",
    "__idiv__",
    "__coerce__",
    "__unicode__",
    "__long__",
    "__oct__",
    "__hex__",
    "__getinitargs__",
];

/// `def __cmp__(self, other)`
pub(super) fn methods(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    if work.tree.parent_kind(leaf) != Some(Kind::FuncDef) {
        return Verdict::Leave;
    }
    let function = work.tree.parent(leaf).expect("its kind was asked");
    let has = |name| super::classes::has_method(&work.tree, function, name);
    let (is_there, advice) = match work.tree.text(leaf) {
        "__cmp__" | "__rcmp__" => {
            (has("__lt__"), "define __eq__ and __lt__, and let functools.total_ordering make the others")
        }
        "__getslice__" | "__setslice__" | "__delslice__" => {
            (has("__getitem__"), "slices come to __getitem__, __setitem__ and __delitem__ as slice objects")
        }
        "__div__" | "__rdiv__" | "__idiv__" => {
            (has("__truediv__"), "define __truediv__ and __floordiv__, and their kin")
        }
        "__unicode__" => (false, "__str__ gives text and __bytes__ bytes"),
        "__coerce__" => (false, "each operator's method has to take what it accepts"),
        "__oct__" | "__hex__" => (has("__index__"), "define __index__"),
        "__long__" => (has("__int__"), "define __int__"),
        _ => (false, "define __getnewargs__ or __reduce__"),
    };
    if is_there { Verdict::Leave } else { Verdict::Advise(advice) }
}

/// `def __eq__` without `__hash__`
pub(super) fn eq_hash(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &work.tree;
    let Some(function) = tree.parent(leaf).filter(|parent| tree.is(*parent, Kind::FuncDef)) else {
        return Verdict::Leave;
    };
    let Some(suite) = tree.parent(function).filter(|suite| tree.parent_kind(*suite) == Some(Kind::ClassDef))
    else {
        return Verdict::Leave;
    };
    let has_hash = tree.leaves(suite).any(|id| tree.is_name(id, "__hash__"));
    if has_hash {
        return Verdict::Leave;
    }
    Verdict::Advise("if its objects are keys or members of sets, define __hash__ too")
}

/// `file(name)` → `open(name)`, and built-ins without a successor
pub(super) fn builtins(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    if work.tree.call_of(leaf).is_none()
        || work.tree.binding(work.tree.text(leaf), work.tree.root()).is_some()
    {
        return Verdict::Leave;
    }
    match work.tree.text(leaf) {
        "file" => {
            work.tree.set_text(leaf, "open");
            Verdict::Fixed
        }
        _ => Verdict::Advise("coerce() is gone; convert the operands where they are used"),
    }
}

/// Modules that nothing took the place of.
pub(super) const REMOVED: &[&str] = &[
    "audiodev",
    "Bastion",
    "bsddb",
    "bsddb185",
    "Canvas",
    "cfmfile",
    "cl",
    "compiler",
    "dircache",
    "dl",
    "exceptions",
    "fpformat",
    "gopherlib",
    "hotshot",
    "htmllib",
    "ihooks",
    "imageop",
    "imputil",
    "linuxaudiodev",
    "mhlib",
    "mimetools",
    "MimeWriter",
    "mimify",
    "multifile",
    "mutex",
    "new",
    "os2emxpath",
    "popen2",
    "posixfile",
    "pure",
    "rexec",
    "rfc822",
    "rgbimg",
    "sgmllib",
    "statvfs",
    "stringold",
    "sunaudio",
    "sv",
    "timing",
    "toaiff",
    "user",
    "asyncore",
    "asynchat",
    "imp",
    "distutils",
    "cgi",
    "UserDict",
];

/// `import sgmllib`
pub(super) fn removed_modules(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &work.tree;
    let is_import = match tree.parent_kind(leaf) {
        Some(Kind::ImportName | Kind::DottedAsNames) => true,
        Some(Kind::DottedAsName) => tree.prev(leaf).is_none(),
        Some(Kind::ImportFrom) => tree.prev(leaf).is_some_and(|prev| tree.is_name(prev, "from")),
        _ => false,
    };
    if !is_import || work.facts.siblings.contains(tree.text(leaf)) {
        return Verdict::Leave;
    }
    if tree.text(leaf) == "UserDict" && tree.parent_kind(leaf) == Some(Kind::ImportFrom) {
        return user_dict(work, leaf);
    }
    Verdict::Advise(match tree.text(leaf) {
        "exceptions" => "all exceptions are built-ins: leave the import and the prefix out",
        "htmllib" | "sgmllib" => "html.parser.HTMLParser is near to it",
        "mimetools" | "rfc822" | "MimeWriter" | "mimify" | "multifile" => "the package email does this",
        "new" => "the package types has these: types.MethodType, types.ModuleType",
        "popen2" => "subprocess.Popen does this",
        "imp" => "importlib does this",
        "UserDict" => "collections.UserDict, or collections.abc.MutableMapping for DictMixin",
        "cgi" => "cgi was removed in 3.13; urllib.parse and a web framework do this",
        "asyncore" | "asynchat" => "asyncio does this",
        "distutils" => "setuptools does this",
        "compiler" => "ast and compile() do this",
        "dircache" => "os.listdir does this",
        "bsddb" => "bsddb3 and berkeleydb are on the package index",
        _ => "nothing in the standard library takes its place",
    })
}

/// `from UserDict import DictMixin` → `from collections.abc import MutableMapping as DictMixin`
fn user_dict(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let import = tree.parent(leaf).expect("a module's name stands in an import");
    let Some(list) = tree.imported_list(import) else { return Verdict::Leave };
    let items: Vec<NodeId> = tree.imported_items(list).map(|(item, _)| item).collect();
    let [only] = items[..] else {
        return Verdict::Advise(
            "import UserDict from collections, DictMixin is collections.abc.MutableMapping",
        );
    };
    let (module, name) = match tree.text(tree.first_leaf(only)) {
        "DictMixin" => ("collections.abc", "MutableMapping"),
        _ => ("collections", "UserDict"),
    };
    let old = tree.first_leaf(only);
    let text = if tree.is(only, Kind::Name) && tree.text(old) != name {
        format!("{name} as {}", tree.text(old))
    } else {
        name.to_owned()
    };
    tree.set_text(leaf, module);
    tree.set_text(old, text);
    Verdict::FixedUnsure("a MutableMapping needs __iter__ and __len__, where DictMixin needed keys()")
}

/// `md5.new(x)` → `hashlib.md5(x)`, `sha.new(x)` → `hashlib.sha1(x)`
pub(super) fn hashes(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let function = if tree.text(leaf) == "md5" { "md5" } else { "sha1" };
    match tree.parent_kind(leaf) {
        Some(Kind::ImportName | Kind::DottedAsNames) => {
            if work.facts.siblings.contains(tree.text(leaf)) {
                return Verdict::Leave;
            }
            let old = if function == "md5" { "md5" } else { "sha" };
            work.renamed.push((old, "hashlib"));
            tree.set_text(leaf, "hashlib");
            Verdict::Fixed
        }
        Some(Kind::ImportFrom) if tree.prev(leaf).is_some_and(|prev| tree.is_name(prev, "from")) => {
            Verdict::Advise("import it from hashlib, where new is called md5 or sha1")
        }
        Some(Kind::Power)
            if tree.prev(leaf).is_none() && work.renamed.iter().any(|(old, _)| *old == tree.text(leaf)) =>
        {
            let Some(attribute) = tree.next(leaf).and_then(|next| tree.last(next)) else {
                return Verdict::Leave;
            };
            if matches!(tree.text(attribute), "new" | "md5" | "sha") {
                tree.set_text(leaf, "hashlib");
                tree.set_text(attribute, function);
                return Verdict::FixedUnsure("it takes bytes only");
            }
            Verdict::Advise("ask the hash object: digest_size, block_size")
        }
        _ => Verdict::Leave,
    }
}

/// `sets.Set(x)` → `set(x)`
pub(super) fn sets(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &mut work.tree;
    let new = if tree.text(leaf) == "Set" { "set" } else { "frozenset" };
    if let Some(attribute) = tree.attribute_of_name(leaf, "sets") {
        let module = tree.prev(attribute).expect("the module's name");
        tree.set_text(module, new);
        tree.remove(attribute);
        return Verdict::Fixed;
    }
    let is_imported = tree.does_import(Some("sets"), tree.text(leaf));
    if !is_imported || !work.is_builtin(leaf) {
        return Verdict::Leave;
    }
    work.tree.set_text(leaf, new);
    Verdict::Fixed
}
