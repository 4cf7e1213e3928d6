//! The rules: what is rewritten, in which order.
//!
//! In: a tree and what is known of it. Out: the same tree, changed, and a finding for each place. One pass over the tree
//! finds the places of all rules at once by what a leaf says or what a node is; then rule after rule visits its own, inner
//! places before outer ones. The order matters where the result of one rule looks like the cause of another.

mod calls;
mod changed;
mod classes;
mod exceptions;
mod idioms;
mod imports;
mod iterators;
mod keywords;
mod literals;
mod names;
mod parameters;
mod statements;
mod urllib;
mod work;

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::LazyLock,
};

pub(crate) use self::work::{Facts, Verdict, Work};
use crate::{
    choice::Choice,
    code,
    dialect::Dialect,
    kind::Kind,
    modules::{LATE, RENAMED},
    parse::Print,
    tree::NodeId,
};

/// Whether a rule's places are Python 2 for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// No Python 3 has it.
    Certain,
    /// Python 3 has it too, and it means something else there.
    Either,
    /// In Python 3 it may or may not be the same: it says nothing about the source.
    Neutral,
}

/// A rule: its code's name, its places, and what it does there.
struct Rule {
    name: &'static str,
    sign: Sign,
    words: &'static [&'static str],
    kinds: &'static [Kind],
    apply: fn(&mut Work<'_>, NodeId) -> Verdict,
}

const fn words(
    name: &'static str,
    sign: Sign,
    words: &'static [&'static str],
    apply: fn(&mut Work<'_>, NodeId) -> Verdict,
) -> Rule {
    Rule { name, sign, words, kinds: &[], apply }
}

const fn kinds(
    name: &'static str,
    sign: Sign,
    kinds: &'static [Kind],
    apply: fn(&mut Work<'_>, NodeId) -> Verdict,
) -> Rule {
    Rule { name, sign, words: &[], kinds, apply }
}

use Sign::{Certain, Either, Neutral};

const DICT_METHODS: &[&str] = &[
    "keys",
    "items",
    "values",
    "iterkeys",
    "iteritems",
    "itervalues",
    "viewkeys",
    "viewitems",
    "viewvalues",
];
const FUNC_ATTRIBUTES: &[&str] =
    &["func_closure", "func_doc", "func_globals", "func_name", "func_defaults", "func_code", "func_dict"];
const ITERTOOLS: &[&str] = &["imap", "ifilter", "izip", "izip_longest", "ifilterfalse"];
const OPERATORS: &[&str] = &[
    "isCallable",
    "sequenceIncludes",
    "isSequenceType",
    "isMappingType",
    "isNumberType",
    "repeat",
    "irepeat",
];
const ASSERT_NAMES: &[&str] = &first_of(&names::ASSERTS);
const TYPE_NAMES: &[&str] = &first_of(&names::TYPES);
const RENAMED_NAMES: &[&str] = &first_of(&RENAMED);
const LATE_NAMES: &[&str] = &first_of(&LATE);

const fn first_of<const N: usize>(pairs: &[(&'static str, &'static str); N]) -> [&'static str; N] {
    let mut found = [""; N];
    let mut at = 0;
    while at < N {
        found[at] = pairs[at].0;
        at += 1;
    }
    found
}

/// All rules, in the order in which they run.
static RULES: [Rule; 71] = [
    kinds("tuple_params", Certain, &[Kind::FuncDef, Kind::VfpDef], parameters::tuple_params),
    words("apply", Certain, &["apply"], calls::apply),
    words("asserts", Neutral, ASSERT_NAMES, names::asserts),
    words("basestring", Certain, &["basestring"], names::basestring),
    words("buffer", Neutral, &["buffer"], calls::buffer),
    words("hash_order", Either, &["keys", "items", "values", "popitem"], changed::hash_order),
    words("dict", Either, DICT_METHODS, iterators::dict),
    kinds("except", Certain, &[Kind::ExceptClause], exceptions::except),
    kinds("exec", Certain, &[Kind::ExecStmt], statements::exec),
    words("execfile", Certain, &["execfile"], calls::execfile),
    words("exitfunc", Certain, &["sys", "exitfunc"], imports::exitfunc),
    words("filter", Either, &["filter"], iterators::filter),
    words("funcattrs", Certain, FUNC_ATTRIBUTES, names::funcattrs),
    words("getcwdu", Certain, &["getcwdu"], names::getcwdu),
    words("has_key", Certain, &["has_key"], statements::has_key),
    Rule {
        name: "idioms",
        sign: Neutral,
        words: &["sort"],
        kinds: &[Kind::WhileStmt, Kind::Comparison],
        apply: idioms::idioms,
    },
    kinds("import", Either, &[Kind::ImportName, Kind::ImportFrom], imports::local_import),
    words("input", Either, &["input"], calls::input),
    kinds("itertools_imports", Certain, &[Kind::ImportFrom], iterators::itertools_imports),
    words("long", Certain, &["long"], names::long),
    words("map", Either, &["map"], iterators::map),
    kinds("metaclass", Certain, &[Kind::ClassDef], classes::metaclass),
    words("methodattrs", Certain, &["im_func", "im_self", "im_class"], names::methodattrs),
    kinds("ne", Certain, &[Kind::Bad], statements::ne),
    words("nonzero", Neutral, &["__nonzero__"], classes::nonzero),
    kinds("numliterals", Certain, &[Kind::Number], literals::numliterals),
    kinds("paren", Certain, &[Kind::TestListSafe], statements::paren),
    Rule {
        name: "print",
        sign: Certain,
        words: &["print"],
        kinds: &[Kind::PrintStmt],
        apply: statements::print,
    },
    kinds("raise", Certain, &[Kind::RaiseStmt], exceptions::raise),
    kinds("repr", Certain, &[Kind::Atom], statements::repr),
    words("set_literal", Neutral, &["set"], calls::set_literal),
    words("standarderror", Certain, &["StandardError"], names::standarderror),
    words("sys_exc", Certain, &["exc_type", "exc_value", "exc_traceback"], exceptions::sys_exc),
    words("throw", Neutral, &["throw"], exceptions::throw),
    words("types", Neutral, TYPE_NAMES, names::types),
    kinds("unicode", Either, &[Kind::Str], literals::strings),
    words("unicode", Certain, &["unicode", "unichr"], names::unicode),
    words("xrange", Either, &["range"], iterators::xrange),
    words("xrange", Certain, &["xrange"], iterators::xrange),
    words("xreadlines", Certain, &["xreadlines"], iterators::xreadlines),
    words("zip", Either, &["zip"], iterators::zip),
    words("raw_input", Certain, &["raw_input"], calls::raw_input),
    words("imports", Certain, RENAMED_NAMES, imports::imports),
    words("isinstance", Neutral, &["isinstance"], calls::isinstance),
    words("itertools", Certain, ITERTOOLS, iterators::itertools),
    words("urllib", Certain, &["urllib", "urllib2"], urllib::urllib),
    words("imports2", Certain, LATE_NAMES, imports::late_imports),
    words("intern", Certain, &["intern"], calls::intern),
    words("next", Either, &["next"], iterators::next),
    words("operator", Certain, OPERATORS, names::operator),
    words("reduce", Certain, &["reduce"], calls::reduce),
    words("reload", Certain, &["reload"], calls::reload),
    words("renames", Certain, &["maxint"], names::renames),
    words("keywords", Certain, &["async", "await", "nonlocal", "True", "False", "None"], keywords::keywords),
    kinds("global", Neutral, &[Kind::GlobalStmt], keywords::global),
    kinds("string_exception", Neutral, &[Kind::RaiseStmt], exceptions::string_exception),
    kinds("star_import", Neutral, &[Kind::ImportFrom], keywords::star_import),
    words("round", Either, &["round"], changed::round),
    words("codecs", Either, &["encode", "decode"], changed::codecs),
    words("string", Either, changed::STRING, changed::string),
    words("cmp", Either, &["cmp", "sort", "sorted"], changed::cmp),
    words("methods", Either, changed::METHODS, changed::methods),
    words("eq_hash", Either, &["__eq__"], changed::eq_hash),
    words("builtins", Either, &["file", "coerce"], changed::builtins),
    kinds("old_class", Either, &[Kind::ClassDef], classes::old_class),
    words("callable", Neutral, &["callable"], calls::callable),
    words("removed_modules", Either, changed::REMOVED, changed::removed_modules),
    words("hashes", Certain, &["md5", "sha"], changed::hashes),
    words("sets", Certain, &["Set", "ImmutableSet"], changed::sets),
    kinds("ws_comma", Neutral, &[Kind::Op], idioms::ws_comma),
    kinds("future", Neutral, &[Kind::ImportFrom], imports::future),
];

/// Which rules look at a word, as bits.
static WORDS: LazyLock<HashMap<&'static str, u128, BuildHasherDefault<Fnv>>> = LazyLock::new(|| {
    let mut found: HashMap<&'static str, u128, BuildHasherDefault<Fnv>> = HashMap::default();
    for (number, rule) in RULES.iter().enumerate() {
        for word in rule.words {
            *found.entry(word).or_default() |= 1 << number;
        }
    }
    found
});

/// Fowler, Noll and Vo's hash (FNV-1a): every name of a source is looked up, and no reader chooses what the table holds.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// Which rules look at a kind of node, as bits.
static KINDS: LazyLock<[u128; 128]> = LazyLock::new(|| {
    let mut found = [0; 128];
    for (number, rule) in RULES.iter().enumerate() {
        for kind in rule.kinds {
            found[*kind as usize] |= 1 << number;
        }
    }
    found
});

/// Places of each rule, inner ones first.
type Places = Vec<Vec<NodeId>>;

/// Runs the chosen rules over `work`, and gives whether it was Python 2 for certain.
///
/// First the rules whose places no Python 3 has; when one of them found something, or the source is said to be Python 2,
/// the rules whose places both have.
pub(crate) fn run(work: &mut Work<'_>, choice: &Choice) -> bool {
    let places = find_places(work, choice);
    if choice.allows("next") {
        find_shadowed_next(work);
    }
    work.raises_strings = choice.allows("string_exception");
    let mut is_python_2 = false;
    let mut later = Vec::new();
    for (rule, places) in RULES.iter().zip(places) {
        work.next_number = 1;
        for place in places {
            if is_either(work, rule, place) {
                later.push((rule, place));
            } else {
                is_python_2 |= visit(work, rule, place, choice) && rule.sign != Neutral;
            }
        }
    }
    if is_python_2 && work.facts.dialect == Dialect::Auto {
        work.facts.dialect = Dialect::Python2;
    }
    let is_python_3 = work.facts.print == Print::Function && !work.facts.future.contains("print_function");
    work.undecided = !later.is_empty() && work.facts.dialect == Dialect::Auto && !is_python_3;
    if work.facts.dialect.is_python_2() {
        for (rule, place) in later {
            visit(work, rule, place, choice);
        }
    }
    is_python_2
}

/// Applies a rule at a place; gives whether the place was rewritten.
fn visit(work: &mut Work<'_>, rule: &Rule, node: NodeId, choice: &Choice) -> bool {
    if !work.tree.is_in_tree(node) || is_bound_here(work, rule, node) {
        return false;
    }
    let place = work.tree.place(node).unwrap_or_default();
    let code = code::named(rule.name).code;
    if choice.keeps(place.0, code, rule.name) {
        return false;
    }
    let verdict = (rule.apply)(work, node);
    work.record(code, place, &verdict);
    matches!(verdict, Verdict::Fixed | Verdict::FixedUnsure(_))
}

/// Whether the place is a built-in's name that the module binds itself, as code for both Pythons does.
fn is_bound_here(work: &mut Work<'_>, rule: &Rule, node: NodeId) -> bool {
    BUILTINS.contains(&rule.name)
        && work.tree.is(node, Kind::Name)
        && work.tree.attribute_of(node).is_none()
        && work.is_bound(node)
}

/// Rules about the names of built-ins.
const BUILTINS: [&str; 18] = [
    "apply",
    "basestring",
    "buffer",
    "execfile",
    "filter",
    "input",
    "intern",
    "long",
    "map",
    "raw_input",
    "reduce",
    "reload",
    "set_literal",
    "standarderror",
    "unicode",
    "xrange",
    "zip",
    "isinstance",
];

/// Whether Python 3 has what stands at a place too.
fn is_either(work: &Work<'_>, rule: &Rule, node: NodeId) -> bool {
    let text = work.tree.text(node);
    match rule.name {
        "dict" => !text.starts_with("iter") && !text.starts_with("view"),
        "imports" => text == "dbm",
        _ => rule.sign == Either,
    }
}

fn find_places(work: &Work<'_>, choice: &Choice) -> Places {
    let mut places: Places = RULES.iter().map(|_| Vec::new()).collect();
    let mut chosen: u128 = 0;
    for (number, rule) in RULES.iter().enumerate() {
        chosen |= u128::from(choice.allows(rule.name)) << number;
    }
    let (words, kinds) = (&*WORDS, &*KINDS);
    let tree = &work.tree;
    let ne = RULES.iter().position(|rule| rule.name == "ne").unwrap_or_default();
    let comma = RULES.iter().position(|rule| rule.name == "ws_comma").unwrap_or_default();
    for node in tree.post_order(tree.root()) {
        let kind = tree.kind(node);
        let mut rules = match kind {
            Kind::Name => words.get(tree.text(node)).copied().unwrap_or_default(),
            Kind::Op if tree.text(node) == "<>" => 1 << ne,
            Kind::Op if tree.text(node) == "," => 1 << comma,
            Kind::Op | Kind::Bad => 0,
            _ => kinds[kind as usize],
        } & chosen;
        while rules != 0 {
            let number = rules.trailing_zeros() as usize;
            places[number].push(node);
            rules &= rules - 1;
        }
    }
    places
}

fn find_shadowed_next(work: &mut Work<'_>) {
    let Some(binding) = work.tree.binding("next", work.tree.root()) else { return };
    work.shadowed_next = true;
    let place = work.tree.place(binding).unwrap_or_default();
    let code = code::named("next").code;
    work.record(code, place, &Verdict::Advise("calls of the built-in next() may be shadowed by this name"));
}
