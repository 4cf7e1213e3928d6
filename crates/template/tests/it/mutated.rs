//! Pieces of templates in any order: whatever comes of it, nothing panics.

use flagon_template::Templates;
use minijinja::context;
use proptest::{prelude::*, sample::select};

const PIECES: [&str; 56] = [
    "{{ x }}",
    "{{- x -}}",
    "{{ x|upper }}",
    "{{ x|xmlattr }}",
    "{{ x|safe }}",
    "{{ 'hidden' if x }}",
    "{{ super() }}",
    "{{ self.a() }}",
    "{{ m(x) }}",
    "{{ caller() }}",
    "{{ loop.index }}",
    "{{ b.m(x) }}",
    "{% if x %}",
    "{% elif no %}",
    "{% else %}",
    "{% endif %}",
    "{% for i in [1, 2] %}",
    "{% endfor %}",
    "{% block a %}",
    "{% block b %}",
    "{% endblock %}",
    "{% endblock a %}",
    "{% extends 'b.html' %}",
    "{% extends x %}",
    "{% include 'b.html' %}",
    "{% include x %}",
    "{% include ['no', 'b.html'] %}",
    "{% import 'b.html' as b %}",
    "{% from 'b.html' import m %}",
    "{% macro m(v) %}",
    "{% endmacro %}",
    "{% call m() %}",
    "{% endcall %}",
    "{% set y = x %}",
    "{% set y %}",
    "{% endset %}",
    "{% filter upper %}",
    "{% endfilter %}",
    "{% raw %}",
    "{% endraw %}",
    "{# note #}",
    "<script>",
    "</script>",
    "<style>",
    "</style>",
    "<a href=\"",
    "onclick='",
    "<title>",
    "</title>",
    "<!--",
    "-->",
    "\"",
    "'",
    ">",
    "é`${",
    "\\/",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_template_makes_a_panic(
        page in prop::collection::vec(select(&PIECES[..]), 0..14),
        other in prop::collection::vec(select(&PIECES[..]), 0..8),
    ) {
        let templates =
            Templates::builder().source("a.html", page.concat()).source("b.html", other.concat()).build();
        let _ = templates.check();
        for x in ["b.html", "\"'`><b>\n", ""] {
            let _ = templates.render("a.html", context! { x });
        }
    }
}
