//! What holds for every source.

use flagon_port::{Dialect, Port};
use proptest::prelude::*;

/// Pieces of Python that rules and the parser look at, put together at random.
const PIECES: &[&str] = &[
    "print",
    " ",
    "\n",
    "    ",
    "\t",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ";",
    "=",
    ".",
    "`",
    "<>",
    "!=",
    "*",
    "**",
    "@",
    "lambda",
    "def f",
    "class C",
    "if",
    "else",
    "for",
    "in",
    "while",
    "try",
    "except",
    "finally",
    "raise",
    "import",
    "from",
    "as",
    "exec",
    "yield",
    "x",
    "y",
    "d.keys()",
    "map(f, x)",
    "0777",
    "10L",
    "'s'",
    "u'\\u1234'",
    "ur'x'",
    "\"\"\"",
    "# c",
    "\\\n",
    "\r\n",
    "\u{e9}",
    "async",
    "await",
    "not",
    "is",
    "xrange(3)",
    "d.has_key(k)",
    "unicode",
    "import urllib2",
    "global x",
    "return",
    "pass",
    "1.5e3",
    "'",
    "\"",
    "->",
    ":=",
    "~",
    "\u{feff}",
    "$",
    "__metaclass__ = M",
];

fn source() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn a_source_that_cannot_be_read_stays_and_others_can_be_read_again(source in source()) {
        for dialect in [Dialect::Auto, Dialect::Python2] {
            let report = Port::new().dialect(dialect).fix(&source);
            if report.is_readable {
                prop_assert!(Port::new().dialect(Dialect::Python3).check(&report.text).is_readable, "{}", report.text);
            } else {
                prop_assert_eq!(&report.text, &source);
            }
        }
    }

    #[test]
    fn rewriting_twice_is_rewriting_once(source in source()) {
        let once = Port::new().fix(&source);
        let twice = Port::new().fix(&once.text);
        prop_assert_eq!(twice.text, once.text);
    }

    #[test]
    fn any_text_is_answered(source in any::<String>()) {
        let report = Port::new().fix(&source);
        prop_assert!(report.is_readable || report.text == source);
    }

    #[test]
    fn without_rules_a_source_comes_out_as_it_went_in(source in source()) {
        let all: Vec<_> = flagon_port::CODES.iter().collect();
        prop_assert_eq!(Port::new().ignore(all).fix(&source).text, source);
    }
}

#[test]
fn nesting_without_end_is_refused_and_not_a_stack_overflow() {
    for (open, count) in [
        ("(", 100_000),
        ("[", 100_000),
        ("-", 100_000),
        ("not ", 100_000),
        ("lambda:", 50_000),
        ("x if x else ", 50_000),
    ] {
        let source = format!("{}x\n", open.repeat(count));
        assert!(!Port::new().fix(&source).is_readable, "{open}");
    }
    let blocks: String = (0..500).map(|depth| " ".repeat(depth) + "if x:\n").collect();
    assert!(!Port::new().fix(&blocks).is_readable);
}
