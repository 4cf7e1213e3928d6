//! What testssl.sh, the usual examiner of TLS servers, finds in the probe: nothing above LOW.

use std::{fs, process::Command};

use serde_json::Value;

use crate::probe::Probe;

/// Examines the probe. Gives how many findings there were.
fn examine(aspects: &[&str]) -> usize {
    let probe = Probe::start();
    let found = probe.path("found.json");
    // Its openssl need not speak what nobody should: the old versions are tried byte by byte.
    let mut examiner = Command::new("timeout");
    examiner.args(["600", "testssl", "--quiet", "--warnings", "off", "--color", "0", "--nodns", "min"]);
    examiner.arg("--add-ca").arg(probe.authority()).arg("--jsonfile").arg(&found);
    let report =
        examiner.args(aspects).args(["--ip", "127.0.0.1"]).arg(format!("localhost:{}", probe.tls)).output();
    // Its exit code is a sum of sorts, so that the report alone tells whether it came to the end.
    let said = String::from_utf8(report.expect("testssl.sh is there").stdout).unwrap();
    assert!(said.contains("Done "), "{said}");
    // Its JSON may have line ends within text.
    let found = fs::read_to_string(found).unwrap().replace(char::is_control, " ");
    let found: Vec<Value> = serde_json::from_str(&found).unwrap();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    // From version 3.1 on it gives a grade where it has looked at everything.
    if let Some(grade) = found.iter().find(|finding| text(finding, "id") == "overall_grade") {
        let grade = text(grade, "finding");
        assert!(["A+", "A"].contains(&grade.as_str()), "{grade}: {said}");
    }
    let severe: Vec<_> = found
        .iter()
        .filter(|finding| !["OK", "INFO", "LOW", "DEBUG"].contains(&text(finding, "severity").as_str()))
        // Debian's OpenSSL has no engine for GOST and no QUIC, which testssl.sh warns of; it is about the examiner.
        .filter(|finding| !["engine_problem", "QUIC"].contains(&text(finding, "id").as_str()))
        .map(|finding| {
            format!("{} {}: {}", text(finding, "severity"), text(finding, "id"), text(finding, "finding"))
        })
        .collect();
    assert!(severe.is_empty(), "{}", severe.join("\n"));
    let is_good =
        |id: &str| found.iter().any(|finding| text(finding, "id") == id && text(finding, "severity") == "OK");
    assert!(is_good("TLS1_3") && is_good("TLS1_2"), "it saw the versions that are spoken");
    found.len()
}

#[test]
fn testssl_finds_nothing_above_low() {
    // Versions, kinds of ciphers, preferences, forward secrecy, what the server shows, headers: half a minute.
    assert!(examine(&["-p", "-s", "-P", "-f", "-S", "-h"]) > 60);
}

#[test]
#[ignore = "slow: some minutes, with each known attack and each cipher"]
fn testssl_finds_nothing_above_low_in_full() {
    assert!(examine(&[]) > 100);
}
