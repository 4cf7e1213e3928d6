//! No text makes a panic; a text whose rules are all off comes out as it went in; what is rewritten can be read again.

#![no_main]

use flagon_port::{CODES, Dialect, Port, Source, unified_diff};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let source = Source::read(bytes);
    assert_eq!(source.encode(source.text()), bytes);
    let text = source.text();
    assert_eq!(Port::new().ignore(CODES.iter()).fix(text).text, text);
    for dialect in [Dialect::Auto, Dialect::Python2] {
        let report = Port::new().dialect(dialect).fix(text);
        if report.is_readable {
            assert!(Port::new().dialect(Dialect::Python3).check(&report.text).is_readable);
        } else {
            assert_eq!(report.text, text);
        }
        assert_eq!(unified_diff("x", text, &report.text).is_empty(), report.text == text);
    }
});
