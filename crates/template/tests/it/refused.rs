//! Templates that are refused when they are loaded, with the place and the reason.

use flagon_template::{ErrorKind, Templates};

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_cannot_be_made_safe_is_refused() {
    for (template, place, reason) in [
        ("<!-- {{ x }} -->", (1, 6), "a hole within a comment"),
        ("<p>\n <{{ x }}>", (2, 3), "a hole right after `<`"),
        ("<h{{ x }}>", (1, 3), "a hole within a tag's name"),
        ("</h{{ x }}>", (1, 4), "a hole within a tag's name"),
        ("<p {{ x }}>", (1, 4), "a hole where an attribute's name would stand"),
        ("<p {{ x }}=\"a\">", (1, 4), "a hole where an attribute's name would stand"),
        ("<p data-{{ x }}=\"a\">", (1, 9), "a hole where an attribute's name would stand"),
        ("</p {{ x }}>", (1, 5), "a hole within an end tag"),
        ("<!doctype {{ x }}>", (1, 11), "a hole within a declaration"),
        ("<xmp>{{ x }}</xmp>", (1, 6), "a hole in an element whose content"),
        ("<svg><style>{{ x }}</style></svg>", (1, 13), "a hole within a script, style"),
        ("<svg><script>a<b</script></svg>", (1, 16), "`<` within a script or style of SVG"),
        ("<svg><![CDATA[{{ x }}]]></svg>", (1, 15), "a hole within CDATA"),
        ("<script>// {{ x }}\n</script>", (1, 12), "a hole within a comment of a script"),
        ("<script>/* {{ x }} */</script>", (1, 12), "a hole within a comment of a script"),
        ("<script>'\\{{ x }}'</script>", (1, 11), "a hole right after a backslash"),
        ("<script>if (a) {} /b/; f({{ x }})</script>", (1, 26), "a hole in a script whose strings"),
        ("<script>of / {{ x }} / 2</script>", (1, 14), "a hole in a script whose strings"),
        ("<script>\n--> {{ x }}\n</script>", (2, 5), "a hole within a comment of a script"),
        ("<script>{% if x %}a{% endif %}-->{{ x }}</script>", (1, 34), "a hole in a script whose strings"),
        ("<svg><animate values=\"a{{ x }}\">", (1, 24), "a hole that completes the begin of a URL in a list"),
        ("<script>'a\n{{ x }}'</script>", (2, 1), "a hole in a script whose strings"),
        ("<script><!-- <script>", (1, 21), "`<script` after `<!--`"),
        ("<script type=\"{{ x }}\">{{ x }}</script>", (1, 24), "a hole in a script whose type is a value"),
        (
            "<script type=\"\" type=\"text/x-a\">{{ x }}</script>",
            (1, 33),
            "a hole in a script whose type is a value",
        ),
        (
            "<script{{ {'type': x}|xmlattr }}>{{ x }}</script>",
            (1, 34),
            "a hole in a script whose type is a value",
        ),
        (
            "<script{% if x %} type=text/x-a{% endif %}>{{ x }}</script>",
            (1, 44),
            "a hole in a script whose type is a value",
        ),
        ("<a href=\"javascript:f({{ x }})\">", (1, 23), "a hole in a URL after javascript:"),
        ("<a href=\"data:text/html,{{ x }}\">", (1, 25), "a hole in a URL after data:"),
        ("<a href=\"{{ x }}:{{ x }}\">", (1, 18), "a hole in a URL after a scheme that is a value"),
        ("<style>/* {{ x }} */</style>", (1, 11), "a hole within a comment of a style sheet"),
        ("{% if x %}<p title=\"{% endif %}", (1, 1), "the branches of this {% if %} end in different places"),
        (
            "{% for i in x %}<script>{% endfor %}",
            (1, 1),
            "the rounds of this {% for %} end in different places",
        ),
        (
            "<a {% if x %}on{% endif %}click=\"{{ x }}\">",
            (1, 27),
            "a name that a branch before may have begun",
        ),
        ("<a {% if x %}href{% else %}title{% endif %} = \"{{ x }}\">", (1, 45), "`=` after branches"),
        ("{% set a %}<p{% endset %}", (1, 1), "a body that becomes a value begins in text"),
        ("<p title='{% filter upper %}a{% endfilter %}'>", (1, 11), "a filter over a body"),
        ("{% extends x %}", (1, 12), "a value decides which template is extended"),
        ("{% macro m() %}<!--{{ x }}-->{% endmacro %}", (1, 20), "a hole within a comment"),
    ] {
        let templates = Templates::builder().source("a.html", template).build();
        let error = templates.render("a.html", ()).expect_err(template);
        assert_eq!(error.kind(), ErrorKind::Unsafe, "{template}: {error}");
        assert_eq!((error.line().unwrap(), error.column().unwrap()), place, "{template}: {error}");
        assert!(error.message().starts_with(reason), "{template}: {error}");
        assert!(templates.check().is_err(), "{template}");
    }
}

#[test]
fn a_block_has_to_fit_its_parent() {
    let base = "<p title='{% block a %}{% endblock %}'><p>{% block b %}{% endblock %}</p>";
    for (child, place, reason) in [
        (
            "{% extends 'base.html' %}\n{% block a %}'>{% endblock %}",
            (2, 16),
            "the block a begins in the value of title",
        ),
        (
            "{% extends 'base.html' %}{% block b %}<!--{{ x }}{% endblock %}",
            (1, 43),
            "a hole within a comment",
        ),
        (
            "{% extends 'base.html' %}{% block b %}<script>{{ super() }}</script>{% endblock %}",
            (1, 47),
            "super() in",
        ),
    ] {
        let templates = Templates::builder().source("base.html", base).source("a.html", child).build();
        let error = templates.render("a.html", ()).expect_err(child);
        assert_eq!((error.line().unwrap(), error.column().unwrap()), place, "{child}: {error}");
        assert!(error.message().starts_with(reason), "{child}: {error}");
    }
}

#[test]
fn mistakes_of_the_language_have_their_place() {
    let templates = Templates::builder()
        .source("a.html", "\n{% if %}")
        .source("b.html", "{% extends 'c.html' %}")
        .build();
    let errors = templates.check().unwrap_err();
    assert_eq!(
        errors.iter().map(|error| (error.kind(), error.line())).collect::<Vec<_>>(),
        [(ErrorKind::Syntax, Some(2)), (ErrorKind::NotFound, Some(1)),]
    );
    assert_eq!(templates.render("none.html", ()).unwrap_err().kind(), ErrorKind::NotFound);
}
