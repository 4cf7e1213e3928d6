//! What holds for every rule and value.

use flagon_routing::{BuildOptions, Found, Map, MergeSlashes, Rule, decode_path};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    // No slash, no control characters; at least one character.
    proptest::string::string_regex("[^/\\x00-\\x1f]{1,12}").unwrap()
}

fn path() -> impl Strategy<Value = String> {
    proptest::collection::vec(text(), 1..4).prop_map(|segments| segments.join("/"))
}

proptest! {
    #[test]
    fn what_is_built_is_found(a in text(), n in any::<u32>(), f in 0.0..1e9_f64, p in path(), bits in any::<u128>()) {
        let id = uuid::Uuid::from_u128(bits);
        let rule = "/s/<a>/<int:n>x<float:f>/<uuid:id>/<path:p>/end";
        let map = Map::builder().rule(Rule::parse(rule).unwrap().endpoint("e")).build().unwrap();
        let values = [("a", (&a).into()), ("n", n.into()), ("f", f.into()), ("id", id.into()), ("p", (&p).into())];
        let url = map.build("e", &values, &BuildOptions::new("example.com")).unwrap();
        prop_assert!(url.as_str().bytes().all(|byte| byte.is_ascii_graphic()), "{url}");
        let path = decode_path(url.as_str());
        let Found::Rule(found) = map.find("", &path, "GET") else { panic!("{url} is not found") };
        prop_assert_eq!(found.text(0, "", &path), Some(&*a));
        prop_assert_eq!(found.text(1, "", &path).unwrap().parse(), Ok(n));
        prop_assert_eq!(found.text(2, "", &path).unwrap().parse(), Ok(f));
        prop_assert_eq!(found.text(3, "", &path).unwrap().parse(), Ok(id));
        prop_assert_eq!(found.text(4, "", &path), Some(&*p));
    }

    #[test]
    fn a_rule_is_written_as_it_was_read(text in ".{0,40}", syntax in "/[</>():a-c=,\"' 0-9int]{0,40}") {
        for text in [text, syntax] {
            match Rule::parse(&text) {
                Ok(rule) => {
                    prop_assert_eq!(rule.to_string(), &*text);
                    prop_assert_eq!(Rule::parse(&rule.to_string()).unwrap(), rule);
                }
                Err(error) => prop_assert!(text.is_char_boundary(error.at()), "{text}: byte {}", error.at()),
            }
        }
    }

    #[test]
    fn any_path_has_an_answer(path in ".{0,60}", method in "[A-Z]{0,8}") {
        let rules = ["/<a>-<b>", "/<int:a>.<float:b>", "/<path:a>/x/<path:b>/", "/<uuid:a><any(é, x):b>", "/a//b/", "/"];
        let map = rules.iter().fold(Map::builder(), |map, rule| map.rule(Rule::parse(rule).unwrap())).build().unwrap();
        if let Found::Rule(found) = map.find("", &path, &method) {
            for index in 0..found.len() {
                prop_assert!(found.text(index, "", &path).is_some());
            }
        }
    }
}

#[test]
fn more_than_six_variables_are_kept() {
    let rule = "/<a>/<b>/<c>/<d>/<e>/<f>/<g>/<h>";
    let map = Map::builder()
        .rule(Rule::parse(rule).unwrap())
        .rule(Rule::parse("/<path:p>").unwrap())
        .build()
        .unwrap();
    let path = "/1/2/3/4/5/6/7/8";
    let Found::Rule(found) = map.find("", path, "GET") else { panic!() };
    let texts: Vec<_> = (0..8).map(|index| found.text(index, "", path).unwrap()).collect();
    assert_eq!(texts, ["1", "2", "3", "4", "5", "6", "7", "8"]);
    // Tried with seven segments, given up, and found by the other rule: nothing is left over.
    let Found::Rule(found) = map.find("", "/1/2/3/4/5/6/7", "GET") else { panic!() };
    assert_eq!((found.len(), found.text(0, "", "/1/2/3/4/5/6/7")), (1, Some("1/2/3/4/5/6/7")));
}

#[test]
fn a_redirect_never_names_a_host_by_accident() {
    let rule = Rule::parse("//").unwrap();
    let map = Map::builder().merge_slashes(MergeSlashes::Keep).rule(rule).build().unwrap();
    for path in ["", "/", "//", "///"] {
        if let Found::Redirect(redirect) = map.find("", path, "GET") {
            assert!(!redirect.location("", "").starts_with("//"), "{path}");
        }
    }
}

#[test]
fn automatic_options_are_told_apart() {
    let map = Map::builder()
        .rule(Rule::parse("/a").unwrap().methods(["GET"]).automatic_options())
        .rule(Rule::parse("/b").unwrap().methods(["OPTIONS"]).automatic_options())
        .build()
        .unwrap();
    let automatic = |path, method| match map.find("", path, method) {
        Found::Rule(found) => Some(found.is_automatic_options()),
        _ => None,
    };
    assert_eq!(automatic("/a", "OPTIONS"), Some(true));
    assert_eq!(automatic("/a", "GET"), Some(false));
    assert_eq!(automatic("/b", "OPTIONS"), Some(false));
    assert_eq!(map.allowed("", "/a").to_string(), "GET, HEAD, OPTIONS");
}

#[test]
fn errors_teach() {
    let cases = [
        ("users", 0, "a rule begins with a slash: write `/` in front"),
        ("/<integer:id>", 2, "unknown converter `integer`; did you mean `int`?"),
        ("/<int id>", 5, "a variable is written without spaces, as in `<int:id>`"),
        ("/a/<id", 6, "this variable is not closed; write `>` after its name"),
        ("/<a>/<a>", 5, "the variable `a` occurs twice; give one of them another name"),
        ("/<string(lenght=2):a>", 9, "`string` has no argument `lenght`; did you mean `length`?"),
        ("/<int(signed=yes):a>", 13, "`yes` is not a truth: write True or False"),
        ("/<int(min=5, max=1):a>", 17, "max is less than min: nothing can match"),
        ("/<any(\"a:b>", 5, "these arguments are not closed; write `):name>` after them"),
        ("/<int(fixed_digits=9999):a>", 19, "fixed_digits is at most 4300"),
    ];
    for (rule, at, text) in cases {
        let error = Rule::parse(rule).unwrap_err();
        assert_eq!((error.at(), &*error.to_string()), (at, text), "{rule}");
    }
    let error = |rule: Rule| Map::builder().rule(rule).build().unwrap_err().to_string();
    assert_eq!(
        error(Rule::parse("/x/<pth:a>").unwrap()),
        "rule `/x/<pth:a>`, byte 4: unknown converter `pth`; did you mean `path`?"
    );
    assert_eq!(
        error(Rule::parse("/<int:a>").unwrap().default("a", "x")),
        "rule `/<int:a>`: the default of `a` must be a whole number"
    );
    assert_eq!(
        error(Rule::parse("/<a>").unwrap().subdomain("<a>")),
        "rule `/<a>`, byte 1: the variable `a` occurs twice; give one of them another name"
    );
}
