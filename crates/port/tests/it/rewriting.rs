//! What `fix` keeps, what it decides, and when.

use flagon_port::{Dialect, Port, Source, find_code};

fn fix(source: &str) -> String {
    let report = Port::new().fix(source);
    assert!(report.is_readable, "{:?}", report.findings);
    report.text
}

#[test]
fn comments_blank_lines_and_line_ends_stay() {
    let source = "#!/usr/bin/python\r\n# -*- coding: latin-1 -*-\r\n\r\n\"\"\"Doc.\"\"\"\r\n\r\nif x :  # why\r\n\tprint 'a' , b # two\r\n\r\n\t# end\r\n\r\n";
    assert_eq!(fix(source), source.replace("print 'a' , b", "print('a' , b)"));
}

#[test]
fn an_import_that_is_added_stands_below_the_head_and_has_the_files_line_ends() {
    assert_eq!(
        fix("#!/usr/bin/python\r\n# coding: koi8-r\r\n# About.\r\nx = reduce(f, y)\r\n"),
        "#!/usr/bin/python\r\n# coding: koi8-r\r\nfrom functools import reduce\r\n# About.\r\nx = reduce(f, y)\r\n"
    );
    assert_eq!(fix("\u{feff}x = intern(y)\n"), "\u{feff}import sys\nx = sys.intern(y)\n");
}

#[test]
fn a_last_line_without_an_end_gets_none() {
    assert_eq!(fix("print 1"), "print(1)");
    assert_eq!(fix("print 1 # x"), "print(1) # x");
}

#[test]
fn bytes_that_are_no_utf8_stay() {
    let bytes = b"# coding: latin-1\nprint '\xe9', u'\xfc'\n";
    let source = Source::read(bytes);
    assert_eq!(source.encode(&fix(source.text())), b"# coding: latin-1\nprint('\xe9', '\xfc')\n");
}

#[test]
fn print_with_a_parenthesis_is_one_statement() {
    assert_eq!(fix("print (a), b\n"), "print((a), b)\n");
    assert_eq!(fix("print -1\n"), "print(-1)\n");
    assert_eq!(fix("print (a) + b\n"), "print((a) + b)\n");
    assert_eq!(fix("print ('%s' % a)\nprint 1\n"), "print ('%s' % a)\nprint(1)\n");
    assert_eq!(fix("print (a, b)\nprint 1\n"), "print((a, b))\nprint(1)\n");
    assert_eq!(fix("print(a, file=f)\n"), "print(a, file=f)\n");
}

#[test]
fn what_both_pythons_have_is_rewritten_in_python_2_only() {
    assert_eq!(fix("x = d.keys()\n"), "x = d.keys()\n");
    assert!(Port::new().check("x = d.keys()\n").is_undecided);
    assert_eq!(fix("x = d.keys()\nprint x\n"), "x = list(d.keys())\nprint(x)\n");
    let report = Port::new().dialect(Dialect::Python2).fix("x = d.keys()\n");
    assert_eq!(report.text, "x = list(d.keys())\n");
    assert_eq!(fix("def f(x) -> int: return d.keys()\n"), "def f(x) -> int: return d.keys()\n");
}

#[test]
fn code_for_both_pythons_keeps_its_own_names() {
    let source = "try:\n    unicode\nexcept NameError:\n    unicode = str\nprint(unicode('x'))\n";
    assert_eq!(fix(source), source);
    let source = "from six.moves import map, xrange\nx = map(f, xrange(3))\n";
    assert_eq!(fix(source), source);
}

#[test]
fn a_line_that_says_so_is_kept() {
    assert_eq!(fix("print 1 # port: keep\nprint 2\n"), "print 1 # port: keep\nprint(2)\n");
    assert_eq!(fix("a = x.has_key(`y`) # port: keep P103\n"), "a = `y` in x # port: keep P103\n");
    assert_eq!(
        fix("a = x.has_key(`y`) # port: keep has_key, P103\n"),
        "a = x.has_key(`y`) # port: keep has_key, P103\n"
    );
}

#[test]
fn codes_are_selected_and_ignored() {
    let source = "print `x` <> 1\n";
    let only = |name| Port::new().select([find_code(name).unwrap()]).fix(source).text;
    assert_eq!(only("ne"), "print `x` != 1\n");
    assert_eq!(Port::new().ignore([find_code("P103").unwrap()]).fix(source).text, "print(`x` != 1)\n");
}

#[test]
fn what_a_rule_makes_is_seen_by_the_others() {
    assert_eq!(
        fix("print map(lambda (k, v): `k`, d.iteritems())\n"),
        "print([repr(k_v[0]) for k_v in iter(d.items())])\n"
    );
    assert_eq!(fix("if not d.has_key(`x`) and 0777L: print\n"), "if repr(x) not in d and 0o777: print()\n");
}

#[test]
fn a_source_that_cannot_be_read_is_not_touched() {
    let report = Port::new().fix("print 1\nif x\n    print 2\n");
    assert_eq!(report.text, "print 1\nif x\n    print 2\n");
    assert!(!report.is_readable);
    assert_eq!((report.findings[0].code().code, report.findings[0].line()), ("P901", 2));
}

#[test]
fn names_that_are_keywords_now_get_an_underscore() {
    assert_eq!(fix("def f(async=False): return async\n"), "def f(async_=False): return async_\n");
    let new = "async def f():\n    async with a: await b\n";
    assert_eq!(fix(new), new);
}

#[test]
fn tabs_that_python_3_refuses_become_spaces() {
    assert_eq!(fix("if a:\n        b\n\tprint c\n"), "if a:\n        b\n        print(c)\n");
    assert_eq!(fix("if a:\n\tb\n\tprint c\n"), "if a:\n\tb\n\tprint(c)\n");
}

#[test]
fn an_attribute_next_that_is_assigned_is_data() {
    assert_eq!(
        fix("print 1\nnode.next = a\nb = node.next\nc = it.next()\n"),
        "print(1)\nnode.next = a\nb = node.next\nc = next(it)\n"
    );
}

#[test]
fn a_block_of_which_nothing_is_left_gets_a_pass() {
    assert_eq!(
        fix("try:\n    from itertools import izip\nexcept ImportError: pass\n"),
        "try:\n    pass\nexcept ImportError: pass\n"
    );
}

#[test]
fn methods_whose_callers_are_renamed_are_renamed_too() {
    assert_eq!(
        fix("class C:\n    def iteritems(self): return iter(self.d.iteritems())\n"),
        "class C:\n    def items(self): return iter(self.d.items())\n"
    );
    let both = "class C:\n    def items(self): pass\n    def iteritems(self): pass\n";
    assert_eq!(fix(both), both);
}

#[test]
fn dict_mixin_is_a_mutable_mapping() {
    assert_eq!(
        fix("from UserDict import DictMixin\nprint 1\n"),
        "from collections.abc import MutableMapping as DictMixin\nprint(1)\n"
    );
}

#[test]
fn what_python_3_has_since_then_is_read_and_stays() {
    for source in [
        "match command.split():\n    case [\"go\", (\"north\" | \"south\") as way] if way != here: go(way)\n    case {\"x\": int(x), **rest}:\n        pass\n    case Point(x=0, y=-1 + 2j) | None:\n        match inner:\n            case _: pass\n",
        "match = re.match(a, b)\nmatch (x)\nmatch[1:2] = y\nmatch.group(1)\nprint(match, match - 1)\n",
        "match x, *y:\n    case a, *_: pass\n",
        "def f[T: (int, str), *Ts, **P = [int]](x: T) -> T: return x\nclass A[T](Base[T]): pass\nclass B[T]: pass\n",
        "type Pair[T] = tuple[T, T]\ntype X = int\ntype = type(x)\n",
        "x = f\"{names[\"a\"]}{'{'}{{\" + f'{x!r:>{width}}' + rf'\\{y}'\n",
        "x = f\"{\n    y\n}\"\nz = t\"{f\"{f\"{1}\"}\"}\"\n",
        "try: pass\nexcept* ValueError as e: pass\n",
        "with (open(a) as b, open(c)): pass\n",
        "async def f():\n    return [x async for x in y if await z]\n",
        "def f(a, /, b, *, c): pass\nif (n := 10) > 5: pass\n@a[0].b\ndef g(): pass\n",
    ] {
        let report = Port::new().fix(source);
        assert!(report.is_readable, "{:?}\n{source}", report.findings);
        assert_eq!(report.text, source);
    }
}
