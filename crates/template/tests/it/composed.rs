//! Templates made of several: inheritance, includes, macros, each piece escaped for where it is put.

use flagon_template::Templates;
use minijinja::{Value, context};

fn rendered(sources: &[(&'static str, &'static str)], x: impl Into<Value>) -> String {
    let builder =
        sources.iter().fold(Templates::builder(), |builder, (name, source)| builder.source(*name, *source));
    let templates = builder.build();
    templates
        .render("a.html", context! { x => x.into() })
        .unwrap_or_else(|error| panic!("{sources:?}: {error}"))
}

#[test]
fn a_block_is_escaped_for_where_the_parent_has_it() {
    let base = "<title>{% block title %}{% endblock %}</title><h1>{{ self.title() }}</h1>\
                <script>{% block js %}var a = {{ x }};{% endblock %}</script><a href='{% block url %}{% endblock %}'>";
    let child = "{% extends 'base.html' %}{% block title %}<{{ x }}>{% endblock %}\
                 {% block js %}{{ super() }}b('{{ x }}');{% endblock %}{% block url %}{{ x }}{% endblock %}";
    assert_eq!(
        rendered(&[("base.html", base), ("a.html", child)], "javascript:'"),
        "<title><javascript:&#39;></title><h1>&lt;javascript:&#39;&gt;</h1>\
         <script>var a = \"javascript:\\u0027\";b('javascript:\\u0027');</script><a href='#flagon-blocked'>"
    );
}

/// Flask's tutorial has `<h1>{% block title %}…{% endblock %}</h1>` in a block of its pages, and `title` in their base's `<title>`.
#[test]
fn a_block_for_two_places_is_escaped_for_each() {
    let base = "<title>{% block title %}{% endblock %} - Flaskr</title>{% block header %}{% endblock %}";
    let page = "{% extends 'base.html' %}\n{% block header %}\n  <h1>{% block title %}{{ x }}{% endblock %}</h1>\n{% endblock %}";
    assert_eq!(
        rendered(&[("base.html", base), ("a.html", page)], "<"),
        "<title>&lt; - Flaskr</title>\n  <h1>&lt;</h1>\n"
    );
    let base = "<a href=\"{% block title %}{% endblock %}\"></a>{% block header %}{% endblock %}";
    let page = "{% extends 'base.html' %}{% block header %}<script>f({%- block title -%} {{ x }} {%- endblock title -%} )</script>{% endblock header %}";
    assert_eq!(
        rendered(&[("base.html", base), ("a.html", page)], "javascript:f()"),
        "<a href=\"#flagon-blocked\"></a><script>f(\"javascript:f()\")</script>"
    );
}

#[test]
fn who_overrides_a_block_for_two_places_overrides_it_in_both() {
    let base = "<title>{% block title %}{% endblock %}</title>{% block header %}{% endblock %}";
    let middle = "{% extends 'base.html' %}{% block header %}<script>a = '{% block title %}{% block name %}-{{ x }}{% endblock %}{% endblock %}';\
                  b = '{{ self.title() }}'</script><i>{{ self.title() }}</i>{% endblock %}";
    assert_eq!(
        rendered(&[("base.html", base), ("a.html", middle)], "'<"),
        "<title>-&#39;&lt;</title><script>a = '-\\u0027\\u003c';b = '-\\u0027\\u003c'</script><i>-&#39;&lt;</i>"
    );
    for last in [
        "{% extends 'middle.html' %}{% block title %}+{{ x }}{% endblock %}",
        "{% extends 'middle.html' %}{% block name %}+{{ x }}{% endblock %}",
        "{% extends 'middle.html' %}{% if x %}{% block name %}+{{ x }}{% endblock name %}{% endif %}{% block footer %}{% endblock %}",
    ] {
        assert_eq!(
            rendered(&[("base.html", base), ("middle.html", middle), ("a.html", last)], "'<"),
            "<title>+&#39;&lt;</title><script>a = '+\\u0027\\u003c';b = '+\\u0027\\u003c'</script><i>+&#39;&lt;</i>",
            "{last}"
        );
    }
    let last = "{% extends 'middle.html' %}{% block name %}{{ super() }}+{% endblock %}";
    assert!(
        rendered(&[("base.html", base), ("middle.html", middle), ("a.html", last)], "<")
            .starts_with("<title>-&lt;+</title><script>a = '-\\u003c+'")
    );
}

#[test]
fn a_block_within_a_copied_block_is_called_where_it_stands_already() {
    // `inner` stands in text twice, by the two places of `outer`, and once in an attribute.
    let base = "<p>{% block outer %}{% endblock %}</p><b title='{% block inner %}{% endblock %}'>{% block main %}{% endblock %}";
    let page = "{% extends 'base.html' %}{% block main %}<div>{% block outer %}[{%- block inner -%} {{ x }} {%- endblock -%} ]{% endblock %}</div>{% endblock %}";
    assert_eq!(
        rendered(&[("base.html", base), ("a.html", page)], "'"),
        "<p>[&#39;]</p><b title='&#39;'><div>[&#39;]</div>"
    );
    let base = "<textarea>{% block outer %}{% endblock %}</textarea>{% block main %}{% endblock %}";
    let page = "{% extends 'base.html' %}{% block main %}<pre>{% block outer %}<i>{% block inner %}\n{{ x }}{% endblock %}</i>{% endblock %}{% endblock %}";
    assert_eq!(
        rendered(&[("base.html", base), ("a.html", page)], "'"),
        "<textarea><i>\n&#39;</i></textarea><pre><i>\n&#39;</i>"
    );
}

#[test]
fn a_block_for_two_places_has_to_end_well_in_each() {
    let base = "<p title='{% block a %}{% endblock %}'>{% block b %}{% endblock %}";
    let page = "{% extends 'base.html' %}{% block b %}<b>{% block a %}it's{% endblock %}</b>{% endblock %}";
    let templates = Templates::builder().source("base.html", base).source("a.html", page).build();
    let error = templates.render("a.html", ()).unwrap_err();
    assert!(error.message().starts_with("the block a begins in the value of title"), "{error}");

    let page =
        "{% extends 'base.html' %}{% block b %}<b>{% block a %}{{ super() }}{% endblock %}</b>{% endblock %}";
    let templates = Templates::builder().source("base.html", base).source("a.html", page).build();
    let error = templates.render("a.html", ()).unwrap_err();
    assert!(
        error.message().starts_with("super() in text, while the parent's block is for the value of title"),
        "{error}"
    );
}

#[test]
fn three_generations_and_blocks_within_blocks() {
    let root = "<p>{% block a %}{% block b %}{{ x }}{% endblock %}{% endblock %}</p>";
    let middle = "{% extends 'root.html' %}{% block a %}<script>'{% block c %}{% endblock %}'</script>{{ super() }}{% endblock %}";
    let last = "{% extends 'middle.html' %}{% block c %}{{ x }}{% endblock %}";
    assert_eq!(
        rendered(&[("root.html", root), ("middle.html", middle), ("a.html", last)], "'"),
        "<p><script>'\\u0027'</script>&#39;</p>"
    );
}

#[test]
fn an_include_is_escaped_for_where_it_stands() {
    let sources = [
        (
            "a.html",
            "{% include 'x.txt' %}<script>var a = '{% include 'x.txt' %}';</script><a title={% include ['none', 'x.txt'] %}>",
        ),
        ("x.txt", "{{ x }}"),
    ];
    assert_eq!(
        rendered(&sources, "'>"),
        "&#39;&gt;<script>var a = '\\u0027\\u003e';</script><a title=&#39;&gt;>"
    );
}

#[test]
fn an_include_by_a_value_has_to_end_where_it_began() {
    let sources = [("a.html", "<p title='{% include x %}'>"), ("b.html", "{{ x }}<b"), ("c.html", "'>")];
    assert_eq!(rendered(&sources, "b.html"), "<p title='b.html<b'>");
    let builder =
        sources.iter().fold(Templates::builder(), |builder, (name, source)| builder.source(*name, *source));
    let error = builder.build().render("a.html", context! { x => "c.html" }).unwrap_err();
    assert!(error.to_string().starts_with("c.html: it was included"), "{error}");
}

#[test]
fn a_macro_has_a_copy_for_each_place() {
    let sources = [
        (
            "a.html",
            "{% from 'm.html' import name as n, card %}{% import 'm.html' as m %}\
             {% macro own(v) %}[{{ v }}]{% endmacro %}\
             {{ n(x) }}{{ own(x) }}<script>var a = {{ n(x) }}; var b = \"{{ m.name(x) }}{{ own(x) }}\";</script>\
             <a href=\"{{ n(x) }}\" title=\"{{ n(x)|upper }}\">{% call card() %}{{ x }}{% endcall %}",
        ),
        (
            "m.html",
            "{% macro name(v) %}{{ inner(v) }}{% endmacro %}{% macro inner(v) %}{{ v }}{% endmacro %}{% macro card() %}<b title='{{ caller() }}'>{% endmacro %}",
        ),
    ];
    assert_eq!(
        rendered(&sources, "a:'"),
        "a:&#39;[a:&#39;]<script>var a = \"a:\\u0027\"; var b = \"a:\\u0027[a:\\u0027]\";</script>\
         <a href=\"#flagon-blocked\" title=\"A:&#39;\"><b title='a:&#39;'>"
    );
}

#[test]
fn branches_may_leave_attributes_off_in_one_of_them() {
    let template = "<input{% if x %} checked{% endif %} id=a{% if x %} value={{ x }}{% endif %}>\
                    <p class=\"a{% if x %} b{% endif %}\" {% if x %}title=\"{{ x }}\"{% endif %}>\
                    {% for i in [1, 2] %}<a href=\"{% if x %}/{{ x }}{% else %}#{% endif %}\">{% endfor %}";
    assert_eq!(
        rendered(&[("a.html", template)], "1"),
        "<input checked id=a value=1><p class=\"a b\" title=\"1\"><a href=\"/1\"><a href=\"/1\">"
    );
}

#[test]
fn lines_of_errors_are_those_of_the_author() {
    let source = "{% macro m(v) %}\n{{ v }}\n{% endmacro %}\n<a title='{{ m(1) }}'>\n\n{{ x.y.z }}";
    let templates = Templates::builder().source("a.html", source).build();
    let error = templates.render("a.html", ()).unwrap_err();
    assert_eq!((error.template(), error.line()), ("a.html", Some(6)), "{error}");
    let templates =
        Templates::builder().source("b.html", "\n{% include 'a.html' %}").source("a.html", source).build();
    let error = templates.render("b.html", ()).unwrap_err();
    assert_eq!((error.template(), error.line()), ("a.html", Some(6)), "{error}");
    let error = templates.render_string("\n\n{{ x.y }}", ()).unwrap_err();
    assert_eq!((error.template(), error.line()), ("<string>", Some(3)), "{error}");
}

#[test]
fn what_changed_is_loaded_anew_wherever_it_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("base.html", "<title>{% block a %}{% endblock %}</title>");
    write(
        "page.html",
        "{% extends 'base.html' %}{% block a %}{{ x }}{% include 'part.html' %}{% endblock %}",
    );
    write("part.html", "1");
    let build = || Templates::builder().folder(folder.path());
    let (watched, kept) = (build().reload().build(), build().build());
    let page = |templates: &Templates| templates.render("page.html", context! { x => "<" }).unwrap();
    assert_eq!((page(&watched), page(&kept)), ("<title>&lt;1</title>".into(), "<title>&lt;1</title>".into()));
    write("part.html", "two {{ x }}");
    assert_eq!(page(&watched), "<title>&lt;two &lt;</title>");
    write("base.html", "<script>a = '{% block a %}{% endblock %}'</script>");
    assert_eq!(page(&watched), "<script>a = '\\u003ctwo \\u003c'</script>");
    write("base.html", "<!-- {% block a %}{% endblock %} -->");
    let error = watched.render("page.html", context! { x => "<" }).unwrap_err();
    assert!(error.message().starts_with("a hole within a comment"), "{error}");
    write("base.html", "{% block a %}{% endblock %}!");
    assert_eq!(page(&watched), "&lt;two &lt;!");
    write("also.html", "{% include ['new.html', 'part.html'] %}");
    assert_eq!(watched.render("also.html", context! { x => 1 }).unwrap(), "two 1");
    write("new.html", "new");
    assert_eq!(watched.render("also.html", context! { x => 1 }).unwrap(), "new");
    assert_eq!(page(&kept), "<title>&lt;1</title>");
}

#[test]
fn templates_that_name_themselves_in_ever_new_places_are_an_error() {
    for source in
        ["<script>({% include 'a.html' %}", "<script>({% import 'a.html' as a %}{% include 'a.html' %}"]
    {
        let templates = Templates::builder().source("a.html", source).build();
        let error = templates.render("a.html", ()).unwrap_err();
        assert!(error.message().contains("in ever new places"), "{error}");
    }
    for source in ["{% include 'a.html' %}", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"] {
        let templates = Templates::builder().source("a.html", source).build();
        assert!(templates.render("a.html", ()).is_err(), "{source}");
    }
}
