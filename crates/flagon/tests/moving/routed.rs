//! What goes to the old app, and what does not.

use flagon::{Route, prelude::*};

use crate::sides::{Back, Front, Message, ok};

fn app(back: &Back) -> App {
    let routes = [
        Route::new("new", "/new", ["GET"], async || "new"),
        Route::new("save", "/both", ["POST"], async || "saved"),
        Route::new("folder", "/folder/", ["GET"], async || "folder"),
    ];
    App::new("front").routes(routes).upstream(back.url())
}

/// An old app that knows `/old`, `/both` for GET, and nothing else.
fn old() -> Back {
    Back::answering(|request: &Message| {
        let line = request.head.lines().next().unwrap();
        let (method, path) = (line.split(' ').next().unwrap(), line.split(' ').nth(1).unwrap());
        match (method, path) {
            (_, "/old") => ok("old"),
            ("GET", "/both") => ok("old form"),
            ("OPTIONS", "/both") => {
                "HTTP/1.1 200 OK\r\nallow: GET, OPTIONS\r\ncontent-length: 0\r\n\r\n".into()
            }
            (_, "/both") => {
                "HTTP/1.1 405 No\r\nallow: GET, HEAD, OPTIONS\r\ncontent-length: 2\r\n\r\nno".into()
            }
            _ => "HTTP/1.1 404 NOT FOUND\r\ncontent-length: 7\r\n\r\nold 404".into(),
        }
    })
}

#[test]
fn what_is_not_routed_goes_to_the_old_app() {
    let back = old();
    let front = Front::start(app(&back).build().unwrap());
    assert_eq!(front.get("/new").text(), "new");
    assert_eq!(back.connections(), 0);
    assert_eq!(front.get("/old").text(), "old");
    let missing = front.get("/nothing");
    assert_eq!((missing.status(), missing.text()), ("404", "old 404"));
}

#[test]
fn a_route_can_move_by_method() {
    let back = old();
    let front = Front::start(app(&back).build().unwrap());
    assert_eq!(front.get("/both").text(), "old form");
    let saved = front
        .ask("POST /both HTTP/1.1\r\nhost: a\r\nsec-fetch-site: same-origin\r\ncontent-length: 0\r\n\r\n");
    assert_eq!(saved.text(), "saved");
    let refused = front.ask("DELETE /both HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_eq!((refused.status(), refused.header("allow")), ("405", Some("GET, HEAD, OPTIONS, POST")));
    let options = front.ask("OPTIONS /both HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_eq!(options.header("allow"), Some("GET, OPTIONS, POST"));
}

#[test]
fn a_redirect_to_a_slash_waits_for_the_old_app_s_word() {
    let back = old();
    let front = Front::start(app(&back).build().unwrap());
    let redirect = front.get("/folder");
    assert_eq!((redirect.status(), redirect.header("location")), ("308", Some("/folder/")));
    let back = Back::answering(|_| ok("a file of the old app"));
    let front = Front::start(app(&back).build().unwrap());
    assert_eq!(front.get("/folder").text(), "a file of the old app");
}

#[test]
fn other_methods_of_the_app_are_told_where_the_old_one_has_nothing() {
    let back = Back::answering(|_| "HTTP/1.1 404 NOT FOUND\r\ncontent-length: 0\r\n\r\n".into());
    let front = Front::start(app(&back).build().unwrap());
    let refused = front.get("/both");
    assert_eq!((refused.status(), refused.header("allow")), ("405", Some("OPTIONS, POST")));
    let unknown = front.ask("BREW /both HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_eq!(unknown.status(), "501");
}

#[test]
fn the_old_app_s_answers_stay_as_they_are() {
    let hooked = |request: &Message| {
        assert!(request.head.starts_with("POST /old "));
        "HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nserver: gunicorn\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
         etag: \"x\"\r\ncontent-type: text/html\r\ncontent-length: 4000\r\n\r\n"
            .to_owned()
            + &"x".repeat(4000)
    };
    let back = Back::answering(hooked);
    let refuse = || async { Err::<Option<Response>, _>(Error::aborted(418)) };
    let app = app(&back).before_request(refuse).after_request(|mut response: Response| async move {
        response.headers_mut().insert("x-after", "1".parse().unwrap());
        response
    });
    let front = Front::start(app.build().unwrap());
    // No token, no origin: what Flagon would refuse is the old app's to judge.
    let answer = front.ask(
        "POST /old HTTP/1.1\r\nhost: a\r\nsec-fetch-site: cross-site\r\naccept-encoding: gzip\r\ncontent-length: 2\r\n\r\nhi",
    );
    let names: Vec<_> = answer.head.lines().skip(1).map(|line| line.split(':').next().unwrap()).collect();
    let theirs = ["set-cookie", "set-cookie", "server", "date", "etag", "content-type"];
    assert_eq!(names, [&theirs[..], &["x-request-id", "Content-Length"]].concat());
    assert_eq!(answer.header("date"), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
    assert_eq!(answer.body.len(), 4000);
}

#[test]
fn what_went_there_is_counted() {
    let back = old();
    let app = app(&back).upstream_rules([("/old", &["GET"][..])]).build().unwrap();
    let front = Front::start(app.clone());
    for path in ["/old", "/old", "/posts/1", "/posts/2", "/posts/3", "/new"] {
        front.get(path);
    }
    let counts = app.upstream_counts();
    let counts: Vec<_> = counts.iter().map(|count| (&*count.rule, count.is_known, count.requests)).collect();
    assert_eq!(counts, [("/posts/<int>", false, 3), ("/old", true, 2)]);
}
