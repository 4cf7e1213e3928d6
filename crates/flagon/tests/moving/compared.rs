//! Both apps asked, and what is made of it.

use std::{
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};

use flagon::{Application, Route, Rules, Secret, Shadow, ShadowReport, Side, prelude::*};

use crate::sides::{Back, Front, Message, ok};

fn routes() -> [Route; 3] {
    [
        Route::new("item", "/item/<int:id>", ["GET"], async || {
            Json(serde_json::json!({"id": 1, "views": 5, "name": "a"}))
        }),
        Route::new("page", "/page", ["GET"], async || Html("<ul class='a b'><li>one<li>two</ul>")),
        Route::new("save", "/save", ["POST"], async || "saved"),
    ]
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn app(&self, back: &Back, shadow: Shadow) -> Application {
        App::new("new")
            .root_path(self.folder.path())
            .configure(|config| config.secret_key = Some(Secret::new("a key that is long enough for a test")))
            .routes(routes())
            .upstream(back.url())
            .shadow(shadow.file("found/shadow.db"))
            .build()
            .unwrap()
    }
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Asks for the report until it is as `is_done` wants it.
fn report(app: &Application, is_done: impl Fn(&ShadowReport) -> bool) -> ShadowReport {
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        let report = wait(app.shadow_report()).unwrap();
        if is_done(&report) {
            return report;
        }
        assert!(Instant::now() < until, "{report}");
    }
}

fn compared(report: &ShadowReport) -> u64 {
    report.routes.iter().map(|route| route.compared + route.failed).sum()
}

fn json(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn seeded_differences_are_found_or_passed_over_as_rules_say() {
    let back = Back::answering(|request: &Message| {
        let path = request.head.split([' ', '?']).nth(1).unwrap();
        match path {
            // A changed field, one that rules pass over, and another order.
            "/item/1" => json(r#"{"name": "b", "views": 7, "id": 1}"#),
            "/item/2" => {
                "HTTP/1.1 404 NOT FOUND\r\ncontent-type: text/html\r\nx-extra: 1\r\ncontent-length: 0\r\n\r\n"
                    .into()
            }
            "/item/3" => json(r#"{"views":5,"id":1,"name":"a"}"#),
            _ => {
                let body = "<ul class=\"b  a\">\n  <li>one</li>\n  <li>two</li>\n</ul>";
                format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                )
            }
        }
    });
    let place = Place::new();
    let app = place.app(&back, Shadow::new().rules(Rules::default().ignore_json("/views")));
    let front = Front::start(app.clone());
    for path in ["/item/1", "/item/1?again", "/item/2", "/item/3", "/page"] {
        assert_eq!(front.get(path).status(), "200");
    }
    front.get("/page?other");
    let report = report(&app, |report| compared(report) == 6);
    let found: Vec<_> =
        report.differences.iter().map(|group| (&*group.endpoint, &*group.kind, group.count)).collect();
    let mut found = found;
    found.sort_unstable();
    let expected = [
        ("item", "body", 1),
        ("item", "header content-type", 1),
        ("item", "header x-extra", 1),
        ("item", "json /name", 2),
        ("item", "status", 1),
    ];
    assert_eq!(found, expected, "{report}");
    let name = report.differences.iter().find(|group| group.kind == "json /name").unwrap();
    assert_eq!((name.flagon.as_deref(), name.upstream.as_deref()), (Some("\"a\""), Some("\"b\"")));
    let page = report.routes.iter().find(|route| route.endpoint == "page").unwrap();
    assert_eq!((page.compared, page.same), (2, 2), "white space and order are no differences");
    assert!(page.flagon[0].is_some() && page.upstream[1].is_some(), "both sides are timed");
}

#[test]
fn a_target_that_hangs_slows_no_client() {
    // It takes every connection and answers nothing, until the test is over.
    let (end, over) = mpsc::channel::<()>();
    let over = Arc::new(Mutex::new(over));
    let back = Back::start(move |mut wire, _| {
        wire.request();
        let _ = over.lock().map(|over| over.recv());
    });
    let place = Place::new();
    let app = place.app(&back, Shadow::new().queue(5));
    let front = Front::start(app.clone());
    let mut wire = front.connect();
    for _ in 0..200 {
        wire.write("GET /item/1 HTTP/1.1\r\nhost: a\r\n\r\n");
        assert_eq!(wire.answer(false).status(), "200");
    }
    // Every client has its answer, and none of those that were asked too: few wait, the rest is dropped and counted.
    let report = report(&app, |report| report.dropped >= 200 - 16 - 5 - 1);
    assert_eq!(compared(&report), 0, "{report}");
    drop(end);
}

#[test]
fn a_route_is_switched_over_and_back_and_stays_so() {
    let back = Back::answering(|_| json(r#"{"id": 1, "views": 5, "name": "old"}"#));
    let place = Place::new();
    let app = place.app(&back, Shadow::new());
    let front = Front::start(app.clone());
    assert!(front.get("/item/1").text().contains("\"a\""));
    wait(app.switch("item", Side::Upstream)).unwrap();
    assert!(front.get("/item/1").text().contains("\"old\""));
    // The app's own view is asked behind it, and not the old app again.
    let found = report(&app, |report| compared(report) == 2);
    assert_eq!(found.differences[0].count, 2);
    assert_eq!(found.differences[0].flagon.as_deref(), Some("\"a\""));
    assert_eq!(found.routes[0].side, "upstream");
    assert_eq!(wait(app.switch("nothing", Side::Upstream)).unwrap_err().status(), 404);

    let another = place.app(&back, Shadow::new());
    let again = Front::start(another.clone());
    assert!(again.get("/item/1").text().contains("\"old\""), "it is kept");
    wait(app.switch("item", Side::Flagon)).unwrap();
    assert!(front.get("/item/1").text().contains("\"a\""));
    let until = Instant::now() + Duration::from_mins(1);
    while !again.get("/item/1").text().contains("\"a\"") {
        assert!(Instant::now() < until, "another process sees it");
    }
}

#[test]
fn a_share_is_compared() {
    let back = Back::answering(|_| json(r#"{"id": 1, "views": 5, "name": "a"}"#));
    let place = Place::new();
    let app = place.app(&back, Shadow::new().share(0.25));
    let front = Front::start(app.clone());
    let mut wire = front.connect();
    for _ in 0..400 {
        wire.write("GET /item/1 HTTP/1.1\r\nhost: a\r\n\r\n");
        wire.answer(false);
    }
    let report = report(&app, |report| compared(report) >= 98);
    assert!((98..=102).contains(&compared(&report)), "{report}");
    assert_eq!(report.routes[0].same, report.routes[0].compared);
}

#[test]
fn unsafe_requests_are_repeated_at_a_scratch_target_alone() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&seen);
    let scratch = Back::answering(move |request| {
        keep.lock().unwrap().push(request.text().to_owned());
        ok("saved")
    });
    let back = Back::answering(|request| {
        assert!(!request.head.starts_with("POST"), "the old app is never asked to do it twice");
        ok("")
    });
    let post =
        "POST /save HTTP/1.1\r\nhost: a\r\nsec-fetch-site: same-origin\r\ncontent-length: 5\r\n\r\nhello";
    let place = Place::new();
    let shadow = Shadow::new().repeat_unsafe_requests_at(&scratch.url()).unwrap();
    let app = place.app(&back, shadow);
    assert_eq!(Front::start(app.clone()).ask(post).text(), "saved");
    report(&app, |report| compared(report) == 1);
    assert_eq!(*seen.lock().unwrap(), ["hello"]);

    let place = Place::new();
    let app = place.app(&back, Shadow::new());
    let front = Front::start(app.clone());
    front.ask(post);
    front.get("/page");
    let report = report(&app, |report| compared(report) == 1);
    assert_eq!(report.routes[0].endpoint, "page");
}

#[test]
fn the_page_is_for_whom_it_is_allowed_and_switches() {
    let back = Back::answering(|_| json(r#"{"id": 1, "views": 5, "name": "<b>old</b>"}"#));
    let place = Place::new();
    let app = place.app(&back, Shadow::new());
    let hidden = Front::start(app);
    assert_eq!(hidden.get("/_flagon/shadow").status(), "404");

    let app = place.app(&back, Shadow::new().allow(|_| true));
    let front = Front::start(app.clone());
    front.get("/item/1");
    report(&app, |report| compared(report) == 1);
    let page = front.get("/_flagon/shadow");
    assert!(page.text().contains("json /name") && page.text().contains("&lt;b&gt;old"), "{}", page.text());
    let token = page.text().split("csrf_token value=\"").nth(1).unwrap().split('"').next().unwrap();
    let cookie = page.header("set-cookie").unwrap().split(';').next().unwrap();
    let form = |token: &str| format!("csrf_token={token}&endpoint=item&to=upstream");
    let post = |form: &str, site: &str| {
        front.ask(&format!(
            "POST /_flagon/shadow HTTP/1.1\r\nhost: a\r\nsec-fetch-site: {site}\r\ncookie: {cookie}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len()
        ))
    };
    assert_eq!(post(&form("wrong"), "cross-site").status(), "403", "another site switches nothing");
    assert!(front.get("/item/1").text().contains("\"a\""));
    assert_eq!(post(&form(token), "same-origin").status(), "302");
    let until = Instant::now() + Duration::from_mins(1);
    while !front.get("/item/1").text().contains("old") {
        assert!(Instant::now() < until, "the route is the old app's");
    }
}

#[test]
fn what_went_to_the_old_app_is_kept() {
    let back = Back::answering(|_| ok("old"));
    let place = Place::new();
    let app = place.app(&back, Shadow::new());
    let front = Front::start(app.clone());
    for id in 0..3 {
        front.get(&format!("/posts/{id}"));
    }
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        let kept = wait(app.upstream_counts_kept()).unwrap();
        if let [count] = &kept[..]
            && count.requests == 3
        {
            assert_eq!((&*count.method, &*count.rule), ("GET", "/posts/<int>"));
            break;
        }
        assert!(Instant::now() < until, "{kept:?}");
    }
}
