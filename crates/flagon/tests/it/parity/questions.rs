//! What both are asked.

use std::{
    fs::{self, File},
    path::Path,
    time::{Duration, UNIX_EPOCH},
};

use super::Question;

/// Writes the files that both send.
pub(crate) fn write_files(folder: &Path) {
    let folder = folder.join("static");
    fs::create_dir_all(folder.join("sub")).unwrap();
    for (name, content) in
        [("a.txt", "0123456789"), ("page.html", "<p>"), ("sub/b.bin", "b"), (".hidden", "h")]
    {
        let path = folder.join(name);
        fs::write(&path, content).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_millis(784_111_777_500)).unwrap();
    }
}

pub(crate) fn all() -> Vec<Question> {
    let mut questions = Vec::new();
    hooks(&mut questions);
    errors(&mut questions);
    routing(&mut questions);
    answers(&mut questions);
    files(&mut questions);
    conditions(&mut questions);
    preferences(&mut questions);
    questions
}

fn ask(questions: &mut Vec<Question>, app: &'static str, method: &'static str, target: impl Into<String>) {
    questions.push(Question { app, method, target: target.into(), headers: Vec::new() });
}

fn hooks(questions: &mut Vec<Question>) {
    for path in ["/", "/outer/", "/outer/inner/", "/missing", "/outer/missing"] {
        ask(questions, "hooks", "GET", path);
        ask(questions, "hooks", "POST", path);
    }
    ask(questions, "hooks", "OPTIONS", "/outer/");
    ask(questions, "hooks", "HEAD", "/outer/");
    ask(questions, "hooks", "GET", "/outer/inner/?later=1");
    ask(questions, "hooks", "GET", "/outer/inner/?later=1&fail=view");
    ask(questions, "hooks", "GET", "/outer/inner/?later=1&fail=later");
    let steps = ["view"].into_iter().map(str::to_owned).chain(
        ["app", "outer", "inner"]
            .iter()
            .flat_map(|of| ["before1", "before2", "after1", "after2"].map(|step| format!("{of}.{step}"))),
    );
    for step in steps {
        for what in ["early", "fail", "abort"] {
            ask(questions, "hooks", "GET", format!("/outer/inner/?{what}={step}"));
        }
    }
    for what in ["early", "fail", "abort"] {
        ask(questions, "hooks", "GET", format!("/missing?{what}=app.before2"));
        ask(questions, "hooks", "GET", format!("/missing?{what}=app.after2"));
    }
}

fn errors(questions: &mut Vec<Question>) {
    for prefix in ["", "/outer", "/outer/inner"] {
        for code in [400, 403, 404, 409, 410, 418, 500, 503] {
            ask(questions, "errors", "GET", format!("{prefix}/abort/{code}"));
        }
        for path in ["value", "key", "missing"] {
            ask(questions, "errors", "GET", format!("{prefix}/{path}"));
        }
        ask(questions, "errors", "POST", format!("{prefix}/value"));
    }
    for path in ["/abort/404", "/abort/500", "/value", "/missing"] {
        ask(questions, "bare", "GET", path);
    }
    ask(questions, "bare", "POST", "/value");
}

fn routing(questions: &mut Vec<Question>) {
    for path in [
        "/",
        "/about",
        "/about/",
        "/about?a=b&c=%20d",
        "/leaf",
        "/leaf/",
        "/lax",
        "/lax/",
        "/post",
        "/options",
        "/pages/",
        "/pages",
        "/pages/1",
        "/pages/2",
        "/pages/1?q=x",
        "/any/a/b/",
        "/any/a%20b/%C3%BC",
        "/text/a%2Fb",
        "/text/%C3%BC",
        "/text/",
        "/any//x",
        "/one/",
        "/one",
        "/one/child/",
        "/two/de/",
        "/two/de",
        "/two/de/child/",
        "/urls",
        "/one/urls",
        "/one/child/urls",
        "/built",
    ] {
        ask(questions, "routing", "GET", path);
    }
    for (method, path) in [
        ("POST", "/about"),
        ("POST", "/about/"),
        ("POST", "/post"),
        ("POST", "/"),
        ("HEAD", "/"),
        ("HEAD", "/post"),
        ("HEAD", "/about"),
        ("OPTIONS", "/"),
        ("OPTIONS", "/post"),
        ("OPTIONS", "/options"),
        ("OPTIONS", "/about"),
        ("OPTIONS", "/missing"),
        ("PUT", "/about/"),
        ("PUT", "/options"),
        ("BREW", "/"),
    ] {
        ask(questions, "routing", method, path);
    }
}

fn answers(questions: &mut Vec<Question>) {
    for kind in [
        "text",
        "bytes",
        "status",
        "headers",
        "both",
        "type",
        "object",
        "list",
        "json-status",
        "response",
        "redirect",
        "redirect-308",
        "redirect-odd",
        "redirect-split",
        "stream",
        "empty",
        "cookie",
        "uncookie",
    ] {
        ask(questions, "answers", "GET", format!("/{kind}"));
    }
    ask(questions, "answers", "HEAD", "/text");
    ask(questions, "answers", "HEAD", "/object");
}

fn files(questions: &mut Vec<Question>) {
    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    for path in [
        "/static/a.txt",
        "/static/page.html",
        "/static/sub/b.bin",
        "/static/none",
        "/static/sub",
        "/static/sub/",
        "/static/.hidden",
        "/static/../answer.py",
        "/static/%2e%2e/x",
        "/static/a.txt/",
        "/send",
        "/save",
        "/named",
        "/aged",
        "/typed",
    ] {
        ask(questions, "files", "GET", path);
    }
    ask(questions, "files", "HEAD", "/static/a.txt");
    ask(questions, "files", "POST", "/static/a.txt");
    for (name, value) in [
        ("if-modified-since", DATE),
        ("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT"),
        ("if-modified-since", "yesterday"),
        ("if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT"),
        ("if-none-match", "*"),
        ("if-none-match", "\"other\""),
        ("if-match", "\"other\""),
        ("if-match", "*"),
        ("range", "bytes=0-0"),
        ("range", "bytes=2-4"),
        ("range", "bytes=7-"),
        ("range", "bytes=-2"),
        ("range", "bytes=5-999"),
        ("range", "bytes=10-"),
        ("range", "bytes=0-1,8-9"),
        ("range", "lines=1-2"),
        ("range", "bytes=a-b"),
    ] {
        let headers = vec![(name, value.to_owned())];
        questions.push(Question { app: "files", method: "GET", target: "/static/a.txt".into(), headers });
    }
    for condition in [DATE, "Sun, 06 Nov 1994 08:49:36 GMT", "\"other\""] {
        let headers = vec![("range", "bytes=0-0".to_owned()), ("if-range", condition.to_owned())];
        questions.push(Question { app: "files", method: "GET", target: "/static/a.txt".into(), headers });
    }
}

/// A view whose answer has a strong tag, `"v1"`, a date and ranges: each condition alone, and pairs of them.
fn conditions(questions: &mut Vec<Question>) {
    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    let mut ask = |headers: &[(&'static str, &str)]| {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        questions.push(Question { app: "conditions", method: "GET", target: "/".into(), headers });
    };
    for tags in ["\"v1\"", "W/\"v1\"", "\"v2\"", "\"v2\", \"v1\"", "\"v2\" , W/\"v1\"", "*"] {
        ask(&[("if-none-match", tags)]);
        ask(&[("if-match", tags)]);
        ask(&[("if-none-match", tags), ("if-modified-since", BEFORE)]);
        ask(&[("if-none-match", tags), ("if-modified-since", DATE)]);
        ask(&[("if-match", "\"v1\""), ("if-none-match", tags)]);
        ask(&[("range", "bytes=0-3"), ("if-range", tags)]);
        ask(&[("range", "bytes=0-3"), ("if-none-match", tags)]);
    }
    for date in [DATE, BEFORE, "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "yesterday", "0"]
    {
        ask(&[("if-modified-since", date)]);
        ask(&[("if-unmodified-since", date)]);
        ask(&[("range", "bytes=0-3"), ("if-range", date)]);
    }
    for range in [
        "bytes=0-3",
        "bytes=-4",
        "bytes=30-",
        "bytes=100-",
        "bytes=0-0,-1",
        "bytes=3-1",
        "bytes=",
        "letters=0-3",
    ] {
        ask(&[("range", range)]);
    }
}

fn preferences(questions: &mut Vec<Question>) {
    let mut ask = |path: &str, name: &'static str, value: &str| {
        let headers = vec![(name, value.to_owned())];
        questions.push(Question { app: "preferences", method: "GET", target: path.into(), headers });
    };
    for accept in [
        "",
        "*/*",
        "text/*",
        "text/plain",
        "application/json, text/html",
        "text/html;q=0.5, application/json",
        "text/*;q=0.5, */*;q=0.1",
        "text/*, text/html;q=0.2",
        "text/html;q=0, */*",
        "text/html;q=0",
        "image/*, */*;q=0.9",
        "image/gif",
        "TEXT/HTML",
        "text/html;level=1, text/plain;q=0.9",
        "application/*;q=0.3, text/*;q=0.4",
        "*/*;q=0",
        "text/html;q=1.0, text/plain;q=1.000",
        "text/html;q=0.001",
        "a/b, ,text/plain",
        "text/plain; q=0.9, text/html; q=0.8",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        "application/json;q=0.9, */*;q=0.8",
        "text/html;q=2",
        "text/html;q=x, image/png",
    ] {
        ask("/media", "accept", accept);
    }
    for accept in [
        "",
        "*",
        "en",
        "de",
        "de-CH",
        "zh",
        "zh-Hans",
        "zh-CN",
        "en-GB, de;q=0.9",
        "fr, *;q=0.1",
        "fr",
        "EN",
        "en;q=0, *",
        "zh-Hans-CN, en;q=0.9",
        "de-AT, en;q=0.5",
        "en;q=0.5, de-CH;q=0.6",
        "fr-CA, fr;q=0.8, de;q=0.7",
    ] {
        ask("/language", "accept-language", accept);
    }
}
