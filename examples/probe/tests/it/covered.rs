//! Each setting of the server that limits something has tests that show it, and the guide names them.

use std::{fs, path::Path};

use flagon::Config;
use serde_json::Value;

use crate::limits::CASES;

/// Every setting of `[server.limits]` and `[server.timeouts]`.
fn settings() -> Vec<String> {
    let config = serde_json::to_value(Config::default()).unwrap();
    let keys = |table: &str| match &config["server"][table] {
        Value::Object(keys) => keys.keys().map(|key| format!("server.{table}.{key}")).collect::<Vec<_>>(),
        other => panic!("{other}"),
    };
    [keys("limits"), keys("timeouts")].concat()
}

/// The tests that the guide names for `setting`.
fn named<'a>(guide: &'a str, setting: &str) -> Vec<&'a str> {
    let row = format!("//! | `{setting}` | `");
    let found = guide.lines().find_map(|line| line.strip_prefix(&row));
    let names = found.unwrap_or_else(|| panic!("the guide of limits has no row of tests for `{setting}`"));
    names.trim_end_matches("` |").split("`, `").collect()
}

fn is_test(root: &Path, name: &str) -> bool {
    let (module, function) = name.split_once("::").expect(name);
    let [probe, server] = ["examples/probe", "crates/server"].map(|folder| {
        let file = fs::read_to_string(root.join(folder).join(format!("tests/it/{module}.rs")));
        file.is_ok_and(|text| text.contains(&format!("#[test]\nfn {function}()")))
    });
    probe || server
}

#[test]
fn each_setting_has_tests_which_the_guide_names() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let guide = fs::read_to_string(root.join("crates/flagon/src/guide/limits.rs")).unwrap();
    let settings = settings();
    assert!(settings.len() > 15, "{settings:?}");
    for setting in &settings {
        for name in named(&guide, setting) {
            assert!(is_test(&root, name), "`{setting}` names the test {name}, which is not there");
        }
    }
}

/// Of these, other tests show that memory stays flat: `memory.rs` of the server counts floods; the last two are of the process' end.
const ELSEWHERE: [&str; 4] = [
    "server.limits.resets_per_second",
    "server.limits.control_frames_per_second",
    "server.timeouts.unready",
    "server.timeouts.shutdown",
];

#[test]
fn each_setting_is_tried_again_and_again() {
    let is_tried = |setting: &str| {
        let names = CASES.iter().copied().flatten().map(|case| case.name);
        names.flat_map(|name| name.split([',', ':', ' '])).any(|word| word == setting)
    };
    for setting in settings() {
        assert_ne!(
            is_tried(&setting),
            ELSEWHERE.contains(&setting.as_str()),
            "no case of limits.rs tries `{setting}`, or one does that is listed here"
        );
    }
}
