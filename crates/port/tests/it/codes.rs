//! The table of codes.

use flagon_port::{CODES, Dialect, Port, explain, find_code};

#[test]
fn codes_are_in_order_and_names_are_told_apart() {
    assert!(CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
    for code in &CODES {
        assert_eq!(CODES.iter().filter(|other| other.name == code.name).count(), 1, "{}", code.name);
        assert_eq!(find_code(&code.code.to_lowercase()), Some(code));
        assert!(explain(code).contains(code.why));
        assert!(code.why.ends_with('.') && !code.title.ends_with('.'), "{}", code.code);
    }
}

/// An example in the table that is a whole source is what the rules make of it.
#[test]
fn examples_are_what_the_rules_do() {
    let whole = [
        "P103", "P104", "P109", "P110", "P111", "P201", "P202", "P203", "P205", "P206", "P207", "P208",
        "P209", "P210", "P211", "P212", "P213", "P216", "P217", "P219", "P222", "P224", "P225", "P226",
        "P228", "P230", "P231", "P232", "P402", "P403", "P508",
    ];
    for name in whole {
        let code = find_code(name).unwrap();
        let report = Port::new().dialect(Dialect::Python2).select([code]).fix(&format!("{}\n", code.before));
        assert!(report.text.trim_end().ends_with(code.after), "{name}: {}", report.text);
    }
}
