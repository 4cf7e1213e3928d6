//! Names that have another one now: types, attributes of functions and methods, methods of unittest, functions of modules.

use super::work::{Verdict, Work};
use crate::{kind::Kind, tree::NodeId};

/// `basestring` → `str`
pub(super) fn basestring(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    rename_type(work, leaf, "str")
}

/// `StandardError` → `Exception`
pub(super) fn standarderror(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    rename_type(work, leaf, "Exception")
}

/// `long` → `int`
pub(super) fn long(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    rename_type(work, leaf, "int")
}

/// `unicode` → `str`, `unichr` → `chr`
pub(super) fn unicode(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let new = if work.tree.text(leaf) == "unichr" { "chr" } else { "str" };
    rename_type(work, leaf, new)
}

fn rename_type(work: &mut Work<'_>, leaf: NodeId, new: &'static str) -> Verdict {
    if !work.is_builtin(leaf) {
        return Verdict::Leave;
    }
    work.tree.set_text(leaf, new);
    Verdict::Fixed
}

/// `os.getcwdu` → `os.getcwd`
pub(super) fn getcwdu(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    if work.tree.attribute_of_name(leaf, "os").is_none() {
        return Verdict::Leave;
    }
    work.tree.set_text(leaf, "getcwd");
    Verdict::Fixed
}

/// `f.func_code` → `f.__code__`
pub(super) fn funcattrs(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let new = format!("__{}__", &work.tree.text(leaf)[5..]);
    rename_attribute(work, leaf, new)
}

/// `m.im_func` → `m.__func__`
pub(super) fn methodattrs(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let new = match work.tree.text(leaf) {
        "im_func" => "__func__",
        "im_self" => "__self__",
        _ => "__self__.__class__",
    };
    rename_attribute(work, leaf, new.to_owned())
}

fn rename_attribute(work: &mut Work<'_>, leaf: NodeId, new: String) -> Verdict {
    if work.tree.attribute_of(leaf).is_none() {
        return Verdict::Leave;
    }
    work.tree.set_text(leaf, new);
    Verdict::Fixed
}

/// Old names of unittest's methods, and the new ones.
pub(super) const ASSERTS: [(&str, &str); 14] = [
    ("assert_", "assertTrue"),
    ("assertEquals", "assertEqual"),
    ("assertNotEquals", "assertNotEqual"),
    ("assertAlmostEquals", "assertAlmostEqual"),
    ("assertNotAlmostEquals", "assertNotAlmostEqual"),
    ("assertRegexpMatches", "assertRegex"),
    ("assertRaisesRegexp", "assertRaisesRegex"),
    ("failUnlessEqual", "assertEqual"),
    ("failIfEqual", "assertNotEqual"),
    ("failUnlessAlmostEqual", "assertAlmostEqual"),
    ("failIfAlmostEqual", "assertNotAlmostEqual"),
    ("failUnless", "assertTrue"),
    ("failUnlessRaises", "assertRaises"),
    ("failIf", "assertFalse"),
];

/// `self.assertEquals` → `self.assertEqual`
pub(super) fn asserts(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    match ASSERTS.iter().find(|(old, _)| work.tree.text(leaf) == *old) {
        Some((_, new)) => rename_attribute(work, leaf, (*new).to_owned()),
        None => Verdict::Leave,
    }
}

/// `sys.maxint` → `sys.maxsize`
pub(super) fn renames(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let tree = &work.tree;
    let is_imported = std::iter::once(leaf).chain(tree.ancestors(leaf)).take(3).any(|id| {
        tree.parent_kind(id) == Some(Kind::ImportFrom)
            && tree
                .parent(id)
                .and_then(|import| tree.child(import, 1))
                .is_some_and(|module| tree.is_name(module, "sys"))
    });
    if !is_imported && tree.attribute_of_name(leaf, "sys").is_none() {
        return Verdict::Leave;
    }
    work.tree.set_text(leaf, "maxsize");
    Verdict::FixedUnsure("integers have no largest value any more; sys.maxsize is a large one")
}

/// Names of `types` that are built-in types now.
pub(super) const TYPES: [(&str, &str); 22] = [
    ("BooleanType", "bool"),
    ("BufferType", "memoryview"),
    ("ClassType", "type"),
    ("ComplexType", "complex"),
    ("DictType", "dict"),
    ("DictionaryType", "dict"),
    ("EllipsisType", "type(Ellipsis)"),
    ("FloatType", "float"),
    ("IntType", "int"),
    ("ListType", "list"),
    ("LongType", "int"),
    ("ObjectType", "object"),
    ("NoneType", "type(None)"),
    ("NotImplementedType", "type(NotImplemented)"),
    ("SliceType", "slice"),
    ("StringType", "bytes"),
    ("StringTypes", "(str,)"),
    ("TupleType", "tuple"),
    ("TypeType", "type"),
    ("UnicodeType", "str"),
    ("XRangeType", "range"),
    ("InstanceType", "object"),
];

/// `types.ListType` → `list`
pub(super) fn types(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let Some(attribute) = work.tree.attribute_of_name(leaf, "types") else { return Verdict::Leave };
    let name = work.tree.text(leaf);
    let Some((old, new)) = TYPES[..21].iter().find(|(old, _)| name == *old) else { return Verdict::Leave };
    if work.tree.next(attribute).is_some() {
        return Verdict::Leave;
    }
    let module = work.tree.prev(attribute).expect("the module's name");
    let power = work.tree.parent(module).expect("an attribute stands in a power");
    work.tree.set_text(module, *new);
    work.tree.remove(attribute);
    work.tree.collapse(power);
    match *old {
        "StringType" => Verdict::FixedUnsure("a str of Python 2 is bytes or text in 3, as it was used"),
        "ClassType" => Verdict::FixedUnsure("all classes are types now"),
        _ => Verdict::Fixed,
    }
}

/// `operator.isCallable(x)` → `callable(x)`, and its kin
pub(super) fn operator(work: &mut Work<'_>, leaf: NodeId) -> Verdict {
    let Some(attribute) = work.tree.attribute_of_name(leaf, "operator") else {
        return bare_operator(work, leaf);
    };
    let trailer = work.tree.next(attribute).filter(|next| work.tree.is_call_trailer(*next));
    let Some(trailer) = trailer.filter(|trailer| work.tree.inner(*trailer).is_some()) else {
        return Verdict::Leave;
    };
    match work.tree.text(leaf) {
        "isCallable" => replace_module(work, attribute, "callable"),
        "sequenceIncludes" => work.tree.set_text(leaf, "contains"),
        "repeat" => work.tree.set_text(leaf, "mul"),
        "irepeat" => work.tree.set_text(leaf, "imul"),
        "isSequenceType" => {
            abstract_type(work, attribute, trailer, "collections.abc", ", collections.abc.Sequence");
        }
        "isMappingType" => {
            abstract_type(work, attribute, trailer, "collections.abc", ", collections.abc.Mapping");
        }
        _ => abstract_type(work, attribute, trailer, "numbers", ", numbers.Number"),
    }
    Verdict::Fixed
}

fn bare_operator(work: &Work<'_>, leaf: NodeId) -> Verdict {
    let is_call = work.tree.call_of(leaf).is_some_and(|call| work.tree.inner(call.trailer).is_some());
    let binding = || work.tree.binding(work.tree.text(leaf), work.tree.root());
    if !is_call || binding().is_some_and(|id| !work.tree.imports(Some("operator"), work.tree.text(leaf), id))
    {
        return Verdict::Leave;
    }
    Verdict::Advise(
        "this function of `operator` is gone: callable(x), operator.contains, isinstance(x, collections.abc.Sequence), operator.mul",
    )
}

/// `module.name(…)` → `new(…)`
fn replace_module(work: &mut Work<'_>, attribute: NodeId, new: &'static str) {
    let module = work.tree.prev(attribute).expect("the module's name");
    work.tree.set_text(module, new);
    work.tree.remove(attribute);
}

fn abstract_type(
    work: &mut Work<'_>,
    attribute: NodeId,
    trailer: NodeId,
    module: &'static str,
    tail: &'static str,
) {
    replace_module(work, attribute, "isinstance");
    let inner = work.tree.inner(trailer).expect("it has an argument");
    let more = work.tree.leaf(Kind::Str, tail);
    work.tree.insert_after(inner, more);
    work.add_import(None, module);
}
