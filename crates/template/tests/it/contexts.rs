//! What a value becomes in each place.

use flagon_template::{Attr, Css, Html, Js, Safe, Templates, Url};
use minijinja::{Value, context, value::Serde};

/// `template` with `x`.
fn page(template: &str, x: impl Into<Value>) -> String {
    let templates = Templates::builder().source("a.html", template.to_owned()).build();
    templates
        .render("a.html", context! { x => x.into() })
        .unwrap_or_else(|error| panic!("{template}: {error}"))
}

const NASTY: &str = "</script>'\"`<&\\\n${x}/*";

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_place_has_its_escaper() {
    for (template, x, expected) in [
        ("<p>{{ x }}</p>", "a<b>&\"'/", "<p>a&lt;b&gt;&amp;&#34;&#39;/</p>"),
        ("<p title=\"{{ x }}\">", "\"'<", "<p title=\"&#34;&#39;&lt;\">"),
        ("<p title='{{ x }}'>", "\"'<", "<p title='&#34;&#39;&lt;'>"),
        ("<p title={{ x }}>", "a b=`>", "<p title=a&#32;b&#61;&#96;&gt;>"),
        ("<p title={{ x }} id=b>", "", "<p title=\"\" id=b>"),
        ("<title>{{ x }}</title>", "</title>", "<title>&lt;/title&gt;</title>"),
        ("<textarea>{{ x }}</textarea>", "\na", "<textarea>\n\na</textarea>"),
        ("<pre>{{ x }}</pre>", "\na", "<pre>\n\na</pre>"),
        ("<pre>a{{ x }}</pre>", "\na", "<pre>a\na</pre>"),
        ("<a href=\"{{ x }}\">", "/a?b=c&d", "<a href=\"/a?b=c&amp;d\">"),
        ("<a href=\"{{ x }}\">", " java\tscript:f()", "<a href=\"#flagon-blocked\">"),
        ("<a href=\"/a/{{ x }}\">", "b c", "<a href=\"/a/b c\">"),
        ("<a href=\"/{{ x }}\">", "/evil", "<a href=\"/%2Fevil\">"),
        ("<a href=\"/{{ x }}\">", "\t\\evil", "<a href=\"/%5Cevil\">"),
        // The hole before may have been empty, and then so is what is before the slash.
        ("<a href=\"{{ '' }}/{{ x }}\">", "/evil", "<a href=\"/%2Fevil\">"),
        ("<a href=\"/{{ '' }}{{ x }}\">", "\\evil", "<a href=\"/%5Cevil\">"),
        ("<a href=\"/{% if no %}{{ x }}/{% endif %}{{ x }}\">", "/evil", "<a href=\"/%2Fevil\">"),
        ("<a href=\"{{ '' }}/a/{{ x }}\">", "/b", "<a href=\"/a//b\">"),
        ("<a href=\"java{{ x }}\">", "script:f()", "<a href=\"javascript%3Af()\">"),
        ("<a href=\"/a?q={{ x }}\">", "a&b=c#d%", "<a href=\"/a?q=a%26b=c%23d%25\">"),
        ("<a href=\"/a?q={{ x|urlencode }}\">", "a&b", "<a href=\"/a?q=a%26b\">"),
        ("<a href=\"/a?{{ x }}\">", "a=b&c", "<a href=\"/a?a=b&amp;c\">"),
        ("<img srcset=\"{{ x }}\">", "/a 1x, javascript:f() 2x", "<img srcset=\"/a 1x,#flagon-blocked\">"),
        ("<img src=\"data:image/png;base64,{{ x }}\">", "aGk=", "<img src=\"data:image/png;base64,aGk=\">"),
        // Names of members are no keywords, so that a slash behind them divides.
        (
            "<script>a = o.default / {{ x }} / 2</script>",
            "f,g=h",
            "<script>a = o.default / \"f,g=h\" / 2</script>",
        ),
        ("<script>a = o .in/ {{ x }}/2</script>", "f", "<script>a = o .in/ \"f\"/2</script>"),
        ("<script>a = S.for(1) / {{ x }} / 2</script>", "f", "<script>a = S.for(1) / \"f\" / 2</script>"),
        ("<script>a = o.b in /{{ x }}/</script>", "f()", "<script>a = o.b in /f\\u0028\\u0029/</script>"),
        (
            "<script>a = [...typeof /{{ x }}/]</script>",
            "f()",
            "<script>a = [...typeof /f\\u0028\\u0029/]</script>",
        ),
        (
            "<script type=\"text/jscript\">{{ x }}</script>",
            "f()",
            "<script type=\"text/jscript\">\"f()\"</script>",
        ),
        (
            "<script type=module type=\"text/javascript\">{{ x }}</script>",
            "f()",
            "<script type=module type=\"text/javascript\">\"f()\"</script>",
        ),
        (
            "<p :class=\"{{ x }}\" v-if=\"{{ x }}\">",
            "f()",
            "<p :class=\"&#34;f()&#34;\" v-if=\"&#34;f()&#34;\">",
        ),
        (
            "<script>var v = {{ x }};</script>",
            "</script>",
            "<script>var v = \"\\u003c\\/script\\u003e\";</script>",
        ),
        (
            "<script>var v = \"{{ x }}\";</script>",
            NASTY,
            "<script>var v = \"\\u003c\\/script\\u003e\\u0027\\u0022\\u0060\\u003c\\u0026\\\\\\n${x}\\/*\";</script>",
        ),
        ("<script>var v = '/a/{{ x }}';</script>", "b'", "<script>var v = '/a/b\\u0027';</script>"),
        ("<script>`a${b}{{ x }}`</script>", "${c}", "<script>`a${b}\\u0024\\u007bc\\u007d`</script>"),
        ("<script>`a${ {{ x }} }`</script>", "c", "<script>`a${ \"c\" }`</script>"),
        (
            "<script>s.replace(/a{{ x }}/g, 1)</script>",
            "(/",
            "<script>s.replace(/a\\u0028\\u002f/g, 1)</script>",
        ),
        ("<script>a = 1 / 2; b = '{{ x }}'</script>", "'", "<script>a = 1 / 2; b = '\\u0027'</script>"),
        ("<script type=module>f('{{ x }}')</script>", "'", "<script type=module>f('\\u0027')</script>"),
        (
            "<script type=\"application/json\">{\"a\": {{ x }}}</script>",
            "<",
            "<script type=\"application/json\">{\"a\": \"\\u003c\"}</script>",
        ),
        ("<script type=text/x-a>{{ x }}</script>", "<b>", "<script type=text/x-a>&lt;b&gt;</script>"),
        ("<p onclick=\"f('{{ x }}')\">", "');g('", "<p onclick=\"f('\\u0027);g(\\u0027')\">"),
        ("<p onclick=\"f({{ x }})\">", "a", "<p onclick=\"f(&#34;a&#34;)\">"),
        ("<p onclick=\"f(&quot;{{ x }}&quot;)\">", "\"", "<p onclick=\"f(&quot;\\u0022&quot;)\">"),
        ("<style>p { color: {{ x }} }</style>", "rgb(1, 2, 3)", "<style>p { color: rgb(1, 2, 3) }</style>"),
        ("<style>p { color: {{ x }} }</style>", "red;x:y", "<style>p { color: flagon-blocked }</style>"),
        ("<style>p { color: {{ x }} }</style>", "url(a)", "<style>p { color: flagon-blocked }</style>"),
        (
            "<style>p::a { content: \"{{ x }}\" }</style>",
            "</style>\"",
            "<style>p::a { content: \"\\3c \\2f style\\3e \\22 \" }</style>",
        ),
        ("<p style=\"width: {{ x }}px\">", "12", "<p style=\"width: 12px\">"),
        (
            "<p style=\"background: url('{{ x }}')\">",
            "javascript:f()",
            "<p style=\"background: url('#flagon-blocked')\">",
        ),
        ("<p style=\"background: url({{ x }})\">", "/a b)", "<p style=\"background: url(\\2f a b\\29 )\">"),
        (
            "<iframe srcdoc=\"<p>{{ x }}</p>\">",
            "<b>\"",
            "<iframe srcdoc=\"<p>&amp;lt;b&amp;gt;&amp;#34;</p>\">",
        ),
        ("<iframe srcdoc=\"<p title='{{ x }}'>\">", "'", "<iframe srcdoc=\"<p title='&amp;#39;'>\">"),
        ("<svg><text>{{ x }}</text></svg>", "<b>", "<svg><text>&lt;b&gt;</text></svg>"),
        ("<svg><a xlink:href=\"{{ x }}\">", "javascript:f()", "<svg><a xlink:href=\"#flagon-blocked\">"),
        ("<svg><animate to=\"{{ x }}\">", "javascript:f()", "<svg><animate to=\"#flagon-blocked\">"),
        ("<svg><set to={{ x }}>", "javascript:f()", "<svg><set to=#flagon-blocked>"),
        (
            "<svg><animate values=\"{{ x }};/a?{{ x }}\">",
            "/b;javascript:f()",
            "<svg><animate values=\"/b;#flagon-blocked;/a?/b%3Bjavascript:f()\">",
        ),
        ("<p values=\"{{ x }}\" to={{ x }}>", "a;b:c", "<p values=\"a;b:c\" to=a;b:c>"),
        ("<script>f(/{{ x }}/)</script>", "", "<script>f(/(?:)/)</script>"),
        ("<script>a = \"<{{ x }}\"</script>", "script>", "<script>a = \"<\\u0073cript\\u003e\"</script>"),
        ("<script>a = '<{{ x }}'</script>", "!--", "<script>a = '<\\u0021--'</script>"),
        ("<script>a <!-- '\nb = {{ x }}</script>", "c", "<script>a <!-- '\nb = \"c\"</script>"),
        ("<style>p { color: {{ x }} }</style>", "red;top", "<style>p { color: flagon-blocked }</style>"),
        ("<style>p { a: '{{ x }}' }</style>", "b\nc", "<style>p { a: 'b\\a c' }</style>"),
        ("<style>@import '{{ x }}';</style>", "data:x", "<style>@import '#flagon-blocked';</style>"),
        // `-->` where a line begins is a comment of JavaScript, and nowhere else.
        ("<script>--> '\na = {{ x }}</script>", "b", "<script>--> '\na = \"b\"</script>"),
        (
            "<script>a\n /* ' */ --> '\nb = {{ x }}</script>",
            "b",
            "<script>a\n /* ' */ --> '\nb = \"b\"</script>",
        ),
        ("<script>a-->'{{ x }}'</script>", "'", "<script>a-->'\\u0027'</script>"),
        ("<script>--->'{{ x }}'</script>", "'", "<script>--->'\\u0027'</script>"),
        ("<script>`\n${ b\n}-->'{{ x }}'`</script>", "$", "<script>`\n${ b\n}-->'\\u0024'`</script>"),
        (
            "<meta http-equiv=refresh content=\"0; url={{ x }}\">",
            "javascript:f()",
            "<meta http-equiv=refresh content=\"0; url=#flagon-blocked\">",
        ),
    ] {
        assert_eq!(page(template, x), expected, "{template} with {x:?}");
    }
}

#[test]
fn values_that_are_no_text_are_javascript() {
    let script = "<script>f({{ x }})</script>";
    for (x, expected) in [
        (Value::from(-5), "<script>f(-5)</script>"),
        (Value::from(true), "<script>f(true)</script>"),
        (Value::UNDEFINED, "<script>f(null)</script>"),
        (Value::from(()), "<script>f(null)</script>"),
        (Value::from(vec!["<", "\u{2028}"]), "<script>f([\"\\u003c\",\"\\u2028\"])</script>"),
    ] {
        assert_eq!(page(script, x), expected);
    }
    assert_eq!(page("<script>a-{{ x }}</script>", -1), "<script>a- -1 </script>");
    assert_eq!(
        page("<script>f({{ x|tojson }})</script>", "é<'"),
        "<script>f(\"\\u00e9\\u003c\\u0027\")</script>"
    );
    assert_eq!(page("<script>f({{ x|tojson|safe }})</script>", vec![1, 2]), "<script>f([1, 2])</script>");
}

#[test]
fn who_vouches_for_a_value_is_believed_in_its_language_only() {
    let html = Value::from(Serde(Safe::<Html>::trusted("<b>\"&amp;</b>")));
    assert_eq!(page("<p>{{ x }}</p>", html.clone()), "<p><b>\"&amp;</b></p>");
    assert_eq!(page("<p title=\"{{ x }}\">", html.clone()), "<p title=\"&lt;b&gt;&#34;&amp;&lt;/b&gt;\">");
    assert_eq!(
        page("<script>f({{ x }})</script>", html),
        "<script>f(\"\\u003cb\\u003e\\\"\\u0026amp;\\u003c\\/b\\u003e\")</script>"
    );

    let url = Value::from(Safe::<Url>::trusted("blob:a\"<b>"));
    assert_eq!(
        page("<a href=\"{{ x }}\">{{ x }}", url),
        "<a href=\"blob:a&#34;&lt;b&gt;\">blob:a&#34;&lt;b&gt;"
    );

    let js = Value::from(Safe::<Js>::trusted("() => '<'"));
    assert_eq!(
        page("<script>f({{ x }}, '{{ x }}')</script>{{ x }}", js),
        "<script>f(() => '<', '() =\\u003e \\u0027\\u003c\\u0027')</script>() =&gt; &#39;&lt;&#39;"
    );

    let css = Value::from(Safe::<Css>::trusted("color: red; top: 0"));
    assert_eq!(page("<p style=\"{{ x }}\">", css), "<p style=\"color: red; top: 0\">");

    let attr = Value::from(Safe::<Attr>::trusted(" hidden id=\"a\""));
    assert_eq!(page("<p{{ x|xmlattr }}>", attr), "<p hidden id=\"a\">");
    assert_eq!(page("<p>{{ x|safe }}</p>", "<b>"), "<p><b></p>");
}

/// Methods and filters of markup put text into it, whatever it comes from.
#[test]
fn what_is_put_into_markup_is_escaped() {
    let url = || Value::from(Safe::<Url>::trusted("<img>"));
    for template in [
        "{{ ('<b>{}</b>'|safe).format(x) }}",
        "{{ ('<b>{}</b>'|safe).format([x]) }}",
        "{{ ('<b>{a}</b>'|safe).format(a=x) }}",
        "{{ ('<b>{0[0]}</b>'|safe).format([x]) }}",
        "{{ ('<b>{0.a}</b>'|safe).format({'a': x}) }}",
        "{{ ('<b>'|safe).join([x]) }}",
        "{{ ('<b>'|safe).join({x: 1}) }}",
        "{{ ('<b>'|safe).replace('b', x) }}",
        "{{ '<b>%s</b>'|safe|format(x) }}",
        "{{ '<b>%s</b>'|safe|format([x]) }}",
        "{{ '<b>%(a)s</b>'|safe|format(a=x) }}",
        "{{ '<b>%(a)s</b>'|safe|format({'a': x}) }}",
        "{{ '<b>'|safe|replace('b', x) }}",
        "{{ x|replace('y', '<b>'|safe) }}",
        "{{ [x, '<b>'|safe]|join }}",
        "{{ [x]|join('<b>'|safe) }}",
        "{{ [x, '<b>'|safe]|join('<b>'|safe) }}",
        "{{ '<b>'|safe ~ x }}",
        "{{ ('<b>'|safe) + x }}",
        "{{ '<b>'|safe|indent(x, first=true) }}",
        "{{ ('a b' ~ '<b>'|safe)|wordwrap(1, wrapstring=x) }}",
        "{{ ('aaaaaaaaaaaa' ~ '<b>'|safe)|truncate(5, end=x) }}",
        "{{ {'a': x}|urlencode }}",
        "{{ x|urlize(target=x, rel=x) }}",
        "{{ x|title }}{{ x|capitalize }}{{ x|lower }}{{ x|trim }}{{ x|center(9) }}{{ x|string }}{{ x|pprint }}{{ [x] }}",
    ] {
        for x in [Value::from("<img>"), url()] {
            let templates = Templates::builder().source("a.html", template.to_owned()).build();
            if let Ok(page) = templates.render("a.html", context! { x }) {
                assert!(!page.to_lowercase().contains("<img"), "{template}: {page}");
            }
        }
    }
}

#[test]
fn attributes_of_constants_and_of_xmlattr_can_stand_in_a_tag() {
    let option = "<option value=\"a\" {{ 'selected' if x }}>a</option>";
    assert_eq!(page(option, true), "<option value=\"a\" selected>a</option>");
    assert_eq!(page(option, false), "<option value=\"a\" >a</option>");
    assert_eq!(page("<option{{ ' selected' if x else '' }}>", true), "<option selected>");
    let map = context! { title => "\"", id => 1, none => () };
    assert_eq!(page("<p{{ x|xmlattr }}>", map), "<p title=\"&#34;\" id=\"1\">");
    for (name, value, expected) in [
        ("HREF", "javascript:f()", "#flagon-blocked"),
        ("ping", "javascript:f()", "#flagon-blocked"),
        ("xlink:href", "javascript:f()", "#flagon-blocked"),
        ("srcset", "/a 1x, javascript:f() 2x", "/a 1x,#flagon-blocked"),
        ("values", "/a;javascript:f()", "/a;#flagon-blocked"),
        ("to", "javascript:f()", "#flagon-blocked"),
        ("title", "javascript:f()", "javascript:f()"),
    ] {
        let map = Value::from_pairs([(name, value)]);
        assert_eq!(page("<p{{ x|xmlattr }}>", map), format!("<p {name}=\"{expected}\">"));
    }
    for name in ["onclick", "OnClick", "style", "srcdoc", "v-on:x", "@click", "a b", "a>", "a=b", "a/b", ""] {
        let templates = Templates::builder().source("a.html", "<p{{ x|xmlattr }}>").build();
        let map = Value::from_pairs([(name, "x")]);
        assert!(templates.render("a.html", context! { x => map }).is_err(), "{name:?}");
    }
}

#[test]
fn scripts_and_styles_get_the_nonce() {
    let templates = Templates::builder()
        .nonce(|| Some("a\"b".to_owned()))
        .source(
            "a.html",
            "<script>1</script><script src=/a.js></script><style></style><script nonce=x></script>\
             {% raw %}<script src=\"b\">{{}}</script>{% endraw %}<svg><script/></svg>",
        )
        .build();
    assert_eq!(
        templates.render("a.html", ()).unwrap(),
        "<script nonce=\"a&#34;b\">1</script><script src=/a.js nonce=\"a&#34;b\"></script>\
         <style nonce=\"a&#34;b\"></style><script nonce=x></script><script src=\"b\" nonce=\"a&#34;b\">{{}}</script>\
         <svg><script nonce=\"a&#34;b\"/></svg>"
    );
}
