//! Findings that need data flow.

use flagon_port::{Confidence, Dialect, Port};

/// The codes that begin with `P5` and the lines at which they are found, and the new text.
fn found(source: &str) -> (Vec<(&'static str, u32, bool)>, String) {
    let report = Port::new().dialect(Dialect::Python2).fix(source);
    assert!(report.is_readable);
    let codes = report.findings.iter().filter(|finding| finding.code().code.starts_with("P5"));
    (codes.map(|finding| (finding.code().code, finding.line(), finding.is_fixed())).collect(), report.text)
}

#[test]
fn division_of_what_is_certainly_integers_is_rewritten() {
    let (codes, text) =
        found("def f(x):\n    n = len(x)\n    a = n / 2\n    b = x / 2\n    c = n / 2.0\n    n /= 2\n");
    assert_eq!(codes, [("P501", 3, true), ("P501", 4, false), ("P501", 6, true)]);
    assert!(text.contains("a = n // 2\n    b = x / 2\n    c = n / 2.0\n    n //= 2\n"), "{text}");
}

#[test]
fn a_name_bound_differently_in_two_branches_is_unknown() {
    let (codes, _) = found("if c:\n    n = 1\nelse:\n    n = 1.5\na = n / 2\n");
    assert_eq!(codes, [("P501", 5, false)]);
    let (codes, _) = found("n = 1\nwhile c:\n    a = n / 2\n    n = g()\n");
    assert_eq!(codes, [("P501", 3, false)]);
}

#[test]
fn true_division_was_asked_for() {
    assert_eq!(found("from __future__ import division\na = 1 / 2\n").0, []);
}

#[test]
fn plain_literals_that_meet_bytes_become_bytes() {
    let (codes, text) = found(
        "import socket\ns = socket.socket()\ns.send('x')\nd = s.recv(1)\nif d == 'a' or d[0] == 'b': pass\n",
    );
    assert_eq!(codes, [("P502", 3, true), ("P502", 5, true), ("P502", 5, false)]);
    assert!(text.contains("s.send(b'x')") && text.contains("d == b'a'"), "{text}");
}

#[test]
fn unlike_types_leaks_and_lost_exceptions_are_told() {
    assert_eq!(
        found("if 1 > None: pass\nif len(x) < 'a': pass\n").0,
        [("P504", 1, false), ("P504", 2, false)]
    );
    assert_eq!(found("def f(y):\n    z = [x for x in y]\n    return x\n").0, [("P507", 3, false)]);
    assert_eq!(found("def f(y):\n    x = 1\n    z = [x for x in y]\n    return x\n").0, []);
    assert_eq!(found("try: f()\nexcept E, e: pass\ng(e)\n").0, [("P509", 3, false)]);
    assert_eq!(found("try: f()\nexcept E, e: pass\ne = 1\ng(e)\n").0, []);
}

#[test]
fn other_functions_that_changed() {
    let (codes, text) = found("x.sort(f)\ny = 'ab'.encode('hex')\nz = cmp(a, b)\nw = string.join(v, '')\n");
    assert_eq!(codes, [("P510", 1, true), ("P503", 2, true), ("P510", 3, true), ("P508", 4, true)]);
    for part in [
        "x.sort(key=functools.cmp_to_key(f))",
        "codecs.encode('ab', 'hex')",
        "((a > b) - (a < b))",
        "w = ''.join(v)",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn what_may_be_wrong_is_unsure() {
    let report = Port::new().dialect(Dialect::Python2).fix("x = input()\nprint 1\n");
    let sure: Vec<Confidence> = report.findings.iter().map(flagon_port::Finding::confidence).collect();
    assert_eq!(sure, [Confidence::Unsure, Confidence::Safe]);
}

#[test]
fn processes_and_wsgi_speak_bytes() {
    let (codes, text) = found(
        "p = subprocess.Popen(c, stdin=P)\np.stdin.write('a')\nout, err = p.communicate('b')\nif out == 'c': pass\nx = p.stdout.read() + 'd'\n",
    );
    let expected = [("P502", 2, true), ("P502", 3, true), ("P502", 4, true), ("P502", 5, true)];
    assert_eq!(codes, expected);
    assert!(
        text.contains("write(b'a')") && text.contains("out == b'c'") && text.contains("+ b'd'"),
        "{text}"
    );
    let source = "out = subprocess.check_output(c, universal_newlines=True)\nif out == 'c': pass\np = subprocess.Popen(c, text=True)\np.communicate('b')\n";
    assert_eq!(found(source).0, []);
    let (codes, text) = found(
        "def app(environ, start_response):\n    write = start_response('200 OK', [('Content-Type', 'text/plain')])\n    write('a')\n    yield 'b'\n    return ['c', d]\n",
    );
    assert_eq!(codes, [("P502", 3, true), ("P502", 4, true), ("P502", 5, true)]);
    assert!(text.contains("start_response('200 OK'") && text.contains("return [b'c', d]"), "{text}");
}

#[test]
fn classes_without_a_base_are_told_where_it_matters() {
    let proxy = "class P:\n    def __getattr__(self, name): pass\n";
    assert_eq!(found(proxy).0, [("P514", 1, false)]);
    assert_eq!(found(&proxy.replace("P:", "P(object):")).0, []);
    assert_eq!(found(&format!("__metaclass__ = type\n{proxy}")).0, []);
    assert_eq!(found("class A: pass\nclass B(A): pass\nclass C(A, B): pass\n").0, [("P514", 3, false)]);
    let code = flagon_port::find_code("callable").unwrap();
    assert_eq!(Port::new().select([code]).fix("x = callable(f.g)\n").text, "x = hasattr(f.g, '__call__')\n");
}
