//! Answers requests to rewrite snippets, a JSON object a line: how lib2to3's own tests are put to this crate.
//!
//! `{"codes": ["dict"], "source": "d.keys()", "print_function": false, "siblings": []}` is answered by
//! `{"text": "list(d.keys())", "advice": [], "left": []}`.

use std::io::{self, BufRead as _, Write as _};

use flagon_port::{Dialect, Port, find_code};
use serde_json::{Value, json};

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?).map_err(io::Error::other)?;
        let words = |key: &str| -> Vec<String> {
            let list = request[key].as_array().cloned().unwrap_or_default();
            list.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()
        };
        let codes = words("codes");
        let mut port = Port::new().dialect(Dialect::Python2).siblings(words("siblings"));
        port = port.select(codes.iter().filter_map(|name| find_code(name)));
        if request["print_function"] == true {
            port = port.print_function();
        }
        let report = port.fix(request["source"].as_str().unwrap_or_default());
        let advice: Vec<_> = report.findings.iter().filter_map(flagon_port::Finding::advice).collect();
        let left: Vec<_> =
            report.findings.iter().filter(|finding| !finding.is_fixed()).map(|f| f.code().code).collect();
        let answer =
            json!({"text": report.text, "advice": advice, "left": left, "readable": report.is_readable});
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}
