//! Pairs of answers, and what of them differs.

use flagon_shadow::{Answer, Rules, compare};

fn places(one: &Answer, other: &Answer, rules: &Rules) -> Vec<String> {
    let places: Vec<_> = compare(one, other, rules).into_iter().map(|difference| difference.place).collect();
    // Which side is which changes nothing.
    let mut back: Vec<_> =
        compare(other, one, rules).into_iter().map(|difference| difference.place).collect();
    let mut sorted = places.clone();
    sorted.sort();
    back.sort();
    assert_eq!(sorted, back);
    places
}

fn json(body: &'static str) -> Answer {
    Answer::new(200, [("content-type", "application/json")], body)
}

fn html(body: &'static str) -> Answer {
    Answer::new(200, [("content-type", "text/html; charset=utf-8")], body)
}

fn found(one: &Answer, other: &Answer) -> Vec<String> {
    places(one, other, &Rules::default())
}

const NONE: [&str; 0] = [];

#[test]
fn status_and_fields() {
    let one = Answer::new(200, [("content-type", "text/plain"), ("x-a", "1")], "");
    assert_eq!(found(&one, &one), NONE);
    let other = Answer::new(500, [("content-type", "text/plain"), ("x-a", "2"), ("x-extra", "3")], "");
    assert_eq!(found(&one, &other), ["status", "header x-a", "header x-extra"]);
    assert_eq!(
        places(&one, &other, &Rules::default().ignore_header("X-A").ignore_header("x-extra")),
        ["status"]
    );
}

#[test]
fn fields_that_always_differ_are_passed_over() {
    let one =
        Answer::new(302, [("date", "a"), ("server", "gunicorn"), ("etag", "1"), ("location", "/next")], "");
    let other = Answer::new(
        302,
        [("x-request-id", "9"), ("content-security-policy", "x"), ("location", "http://a:80/next")],
        "",
    );
    assert_eq!(found(&one, &other), NONE);
    let elsewhere = Answer::new(302, [("location", "/other")], "");
    assert_eq!(found(&one, &elsewhere), ["header location"]);
    assert_eq!(places(&one, &other, &Rules::default().compare_header("ETag")), ["header etag"]);
}

#[test]
fn cookies_are_compared_by_name_and_attributes() {
    let cookie = |value| Answer::new(200, [("set-cookie", value)], "");
    let one = cookie("session=eyJ.a.b; HttpOnly; Path=/; Expires=Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(found(&one, &cookie("session=xyz; path=/; httponly")), NONE);
    assert_eq!(found(&one, &cookie("session=xyz; path=/")), ["header set-cookie"]);
    assert_eq!(found(&one, &cookie("other=xyz; path=/; httponly")), ["header set-cookie"]);
    let told = compare(&one, &cookie("session=xyz"), &Rules::default());
    assert!(!format!("{told:?}").contains("eyJ"), "values of cookies are secrets");
}

#[test]
fn lists_in_fields_have_no_order() {
    let one = Answer::new(200, [("vary", "Cookie, Accept"), ("cache-control", "private, max-age=5")], "");
    let other = Answer::new(200, [("vary", "accept,cookie"), ("cache-control", "max-age=5,private")], "");
    assert_eq!(found(&one, &other), NONE);
}

#[test]
fn json_is_compared_by_its_values() {
    let one = json(r#"{"a": 1, "b": [1, 2.0, {"c": "x"}], "d": null}"#);
    assert_eq!(found(&one, &json(r#"{ "d":null,"b":[1.0,2,{"c":"x"}],"a":1 }"#)), NONE);
    assert_eq!(
        found(&one, &json(r#"{"a": 2, "b": [1, 2, {"c": "y"}], "d": null}"#)),
        ["json /a", "json /b/2/c"]
    );
    assert_eq!(found(&one, &json(r#"{"a": 1, "b": [1, 2], "e": 0}"#)), ["json /b/2", "json /d", "json /e"]);
    assert_eq!(found(&one, &json(r#"{"a": "1", "b": [1, 2, {"c": "x"}], "d": null}"#)), ["json /a"]);
}

#[test]
fn rules_for_json_stand_for_every_item() {
    let one = json(r#"[{"views": 1, "a/b": 1}, {"views": 2, "a/b": 1}]"#);
    let other = json(r#"[{"views": 8, "a/b": 1}, {"views": 9, "a/b": 2}]"#);
    assert_eq!(places(&one, &other, &Rules::default().ignore_json("/*/views")), ["json /1/a~1b"]);
    assert_eq!(places(&one, &other, &Rules::default().ignore_json("/*/views").ignore_json("/1/a~1b")), NONE);
}

#[test]
fn noise_in_json() {
    let one = json(r#"{"at": "2026-11-23T10:43:50Z", "epoch": 1795430630, "made": "2020-01-01T00:00:00Z"}"#);
    let other =
        json(r#"{"at": "2026-11-23T10:43:59Z", "epoch": 1795430639, "made": "2020-01-01T00:00:00Z"}"#);
    assert_eq!(found(&one, &other), NONE);
    let stored =
        json(r#"{"at": "2026-11-23T10:43:50Z", "epoch": 1795430630, "made": "2021-01-01T00:00:00Z"}"#);
    assert_eq!(found(&one, &stored), ["json /made"]);
}

#[test]
fn html_is_compared_by_its_tree() {
    let one = html("<!doctype html><title>A</title><ul class='x y' id=l><li>one<li>two</ul>");
    let same = html(
        "<!doctype html>\n<html>\n<head><title> A </title></head>\n<body><!-- c --><ul id=\"l\" class=\"y  x\">\n <li>one</li>\n <li>two\n</li></ul></body></html>",
    );
    assert_eq!(found(&one, &same), NONE);
    let other = html("<title>B</title><ul class=x id=l><li>one<li><b>two</b></ul>");
    assert_eq!(
        found(&one, &other),
        ["html html/head/title[0]", "html html/body/ul[0]@class", "html html/body/ul[0]/li[1]"]
    );
}

#[test]
fn one_more_item_is_one_difference() {
    let one = html("<ul><li>a<li>b<li>c<li>d</ul>");
    let told = compare(&one, &html("<ul><li>a<li>b<li>new<li>c<li>d</ul>"), &Rules::default());
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].one.as_deref(), told[0].other.as_deref()), (None, Some("<li>")));
}

#[test]
fn white_space_counts_where_it_shows() {
    assert_eq!(found(&html("<p>a  b\n c"), &html("<p> a b c ")), NONE);
    assert_eq!(found(&html("<pre>a  b"), &html("<pre>a b")), ["html html/body/pre[0]"]);
    assert_eq!(found(&html("<p>ab"), &html("<p>a b")), ["html html/body/p[0]"]);
}

#[test]
fn tokens_of_forms_are_passed_over() {
    let one = html(
        "<form><input name=csrf_token value=a1><input name=a value=1></form><script nonce=x>go()</script>",
    );
    let other = html(
        "<form><input name=csrf_token value=b2><input name=a value=1></form><script nonce=y>go()</script>",
    );
    assert_eq!(found(&one, &other), NONE);
    let other = html(
        "<form><input name=csrf_token value=b2><input name=a value=2></form><script nonce=y>go()</script>",
    );
    assert_eq!(found(&one, &other), ["html html/body/form[0]/input[1]@value"]);
}

#[test]
fn elements_can_be_passed_over() {
    let one = html("<p>a</p><span class='clock x'>10:43</span>");
    let other = html("<p>a</p><span class='x clock'><b>10:44</b></span>");
    assert_eq!(found(&one, &other).len(), 1);
    assert_eq!(places(&one, &other, &Rules::default().ignore_html("span.clock").unwrap()), NONE);
}

#[test]
fn other_bodies() {
    let text = |body: &'static str| Answer::new(200, [("content-type", "text/plain")], body);
    assert_eq!(found(&text("a\nb\nc"), &text("a\nB\nc\nd")), ["text line 2", "text line 4"]);
    let image = |body: &'static str| Answer::new(200, [("content-type", "image/png")], body);
    assert_eq!(found(&image("abc"), &image("abx")), ["body"]);
    let broken = found(&json("{"), &json("{}"));
    assert_eq!(broken, ["text line 1"]);
    let long = Answer { body: None, ..text("") };
    assert_eq!(found(&long, &text("a")), NONE);
}

#[test]
fn a_page_of_any_depth_is_survived() {
    let deep: &'static str = "<div>".repeat(100_000).leak();
    let other: &'static str = format!("{deep}x").leak();
    assert_eq!(found(&html(deep), &html(other)), ["text line 1"]);
    let deep: &'static str = "<div>".repeat(1000).leak();
    let other: &'static str = format!("{deep}x").leak();
    assert_eq!(
        found(&html(deep), &html(other)),
        NONE,
        "what is below the depth of any page is not looked at"
    );
}
