//! The apps of `tests/flask/answer.py`, written for Flagon.

use std::{
    convert::Infallible,
    fmt,
    future::ready,
    path::Path,
    sync::{Mutex, PoisonError},
};

use flagon::{
    Application, Body, ETag, ResponseValidators, Route, SameSite, UrlFor, has_app, has_request,
    http::{self, StatusCode},
    prelude::*,
    redirect_with, send_file, stream,
    testing::Client,
    url_for,
};
use serde_json::json;

/// What ran, in order.
pub(crate) static TRACE: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn trace(step: impl Into<String>) {
    TRACE.lock().unwrap_or_else(PoisonError::into_inner).push(step.into());
}

/// An error of this name.
macro_rules! error {
    ($name:ident) => {
        #[derive(Debug)]
        struct $name;

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }

        impl std::error::Error for $name {}
    };
}

error!(Boom);
error!(ValueError);
error!(KeyError);

/// A client of the app of this name; `files` is the folder with the files it sends.
pub(crate) fn client(name: &str, files: &Path) -> Client {
    match name {
        "hooks" => hooks(),
        "errors" => errors(),
        "bare" => bare(),
        "routing" => routing(),
        "answers" => answers(),
        "files" => sent_files(files),
        "conditions" => conditions(),
        "preferences" => preferences(),
        name => panic!("there is no app {name}"),
    }
    .test_client()
}

fn step(name: &str) -> Result<Option<String>> {
    trace(name);
    let request = request();
    let asked = |what| request.args().get(what) == Some(name);
    if asked("fail") {
        return Err(Boom.into());
    }
    if asked("abort") {
        return abort(409);
    }
    Ok(asked("early").then(|| format!("early {name}")))
}

fn with_hooks<S: Scaffold>(mut scaffold: S, of: &'static str) -> S {
    for number in 1..=2 {
        let name = |step: &str| format!("{of}.{step}{number}");
        let (before, after, teardown) = (name("before"), name("after"), name("teardown"));
        scaffold = scaffold
            .before_request(move || ready(step(&before)))
            .after_request(move |response: Response| {
                ready(step(&after).map(|early| early.map_or(response, IntoResponse::into_response)))
            })
            .teardown_request(move |error| {
                trace(format!("{teardown}({})", if error.is_some() { "error" } else { "nothing" }));
            });
    }
    scaffold
}

fn view() -> Route {
    Route::new("view", "/", ["GET"], async || {
        if request().args().get("later").is_some() {
            after_this_request(async |response| step("later").map(|_| response));
        }
        Ok::<_, Error>(step("view")?.unwrap_or_else(|| "view view".to_owned()))
    })
}

fn hooks() -> App {
    let inner = with_hooks(Blueprint::new("inner").url_prefix("/inner"), "inner").routes([view()]);
    let outer = with_hooks(Blueprint::new("outer").url_prefix("/outer"), "outer").routes([view()]);
    with_hooks(App::new("hooks"), "app").routes([view()]).register_blueprint(outer.register_blueprint(inner))
}

fn failing_views() -> [Route; 3] {
    let variable = || flagon::Context::current().unwrap().variable("code").unwrap().parse().unwrap();
    [
        Route::new("stop", "/abort/<int:code>", ["GET"], move || ready(abort::<()>(variable()))),
        Route::new("value", "/value", ["GET"], async || Err::<(), _>(ValueError)),
        Route::new("key", "/key", ["GET"], async || Err::<(), _>(KeyError)),
    ]
}

fn told_of_error(error: Option<&Error>) {
    trace(if error.is_some() { "error" } else { "nothing" });
}

fn errors() -> App {
    let inner = Blueprint::new("inner")
        .url_prefix("/inner")
        .errorhandler(409, async |_| ("inner 409", 200))
        .routes(failing_views());
    let outer = Blueprint::new("outer")
        .url_prefix("/outer")
        .errorhandler(404, async |_| ("outer 404", 404))
        .errorhandler(409, async |_| ("outer 409", 409))
        .errorhandler_of(async |_: ValueError| ("outer value", 422))
        .errorhandler(403, async |_| Err::<(), _>(KeyError))
        .errorhandler(410, async |_| abort::<()>(404))
        .routes(failing_views())
        .register_blueprint(inner);
    App::new("errors")
        .errorhandler(404, async |_| ("app 404", 404))
        .errorhandler(500, async |_| ("app 500", 500))
        .errorhandler_of(async |_: ValueError| ("app value", 422))
        .errorhandler(400..=599, async |error: Error| {
            let status = error.status();
            (format!("app any {}", status.as_u16()), status)
        })
        .teardown_request(told_of_error)
        .routes(failing_views())
        .register_blueprint(outer)
}

fn bare() -> App {
    App::new("bare").teardown_request(told_of_error).routes(failing_views())
}

#[flagon::get("/pages/", defaults(page = 1))]
#[flagon::get("/pages/<int:page>")]
async fn pages(page: i64) -> String {
    told(&format!("page={page}"))
}

fn told(values: &str) -> String {
    let request = request();
    let blueprint = request.blueprint().unwrap_or("None");
    format!("{} {} {blueprint} {values}", request.method(), request.endpoint().unwrap_or("None"))
}

fn telling(endpoint: &'static str, rule: &'static str, methods: &[&'static str]) -> Route {
    Route::new(endpoint, rule, methods.to_vec(), async || {
        let context = flagon::Context::current().unwrap();
        let values = ["lang", "name", "rest"]
            .map(|name| context.variable(name).map(|value| format!("{name}={value}")));
        told(&values.into_iter().flatten().collect::<Vec<_>>().join(","))
    })
}

fn urls() -> Route {
    Route::new("urls", "/urls", ["GET"], async || {
        let names =
            [".index", "index", "one.index", "two.index", ".child.index", "one.child.index", ".other"];
        names.map(|name| url_for(name, &[]).unwrap_or_else(|_| "none".to_owned())).join(" ")
    })
}

fn built() -> Route {
    Route::new("built", "/built", ["GET"], async || {
        let url = UrlFor::endpoint;
        [
            url("pages").value("page", 1),
            url("pages").value("page", 2),
            url("pages"),
            url("index").value("q", "a b&c").value("n", 3),
            url("index").value("q", vec!["x", "y"]),
            url("index").value("q", None::<&str>),
            url("index").value("q", "ü"),
            url("text").value("name", "a/b ü"),
            url("any").value("rest", "a/b ü"),
            url("text").value("name", "x").anchor("top of page"),
            url("index").external(),
            url("index").scheme("https"),
            url("post").method("POST"),
            url("nowhere"),
            url("text"),
        ]
        .map(|url| url.build().unwrap_or_else(|_| "none".to_owned()))
        .join("\n")
    })
}

fn part(name: &str, prefix: &str) -> Blueprint {
    let child =
        Blueprint::new("child").url_prefix("/child").routes([telling("index", "/", &["GET"]), urls()]);
    Blueprint::new("part")
        .name(name)
        .url_prefix(prefix)
        .routes([telling("index", "/", &["GET"]), urls()])
        .register_blueprint(child)
}

#[flagon::get("/lax/", strict_slashes = false)]
async fn lax() -> String {
    told("")
}

fn routing() -> App {
    App::new("routing")
        .routes([
            telling("index", "/", &["GET"]),
            telling("about", "/about/", &["GET", "POST"]),
            telling("leaf", "/leaf", &["GET"]),
            telling("post", "/post", &["POST"]),
            telling("options", "/options", &["OPTIONS"]),
            telling("any", "/any/<path:rest>", &["GET"]),
            telling("text", "/text/<name>", &["GET"]),
            urls(),
            built(),
        ])
        .routes(flagon::routes![pages, lax])
        .register_blueprint(part("one", "/one"))
        .register_blueprint(part("two", "/two/<lang>/"))
}

fn answers() -> App {
    let kind = |name: &'static str, make: fn() -> Result| {
        Route::new(name, format!("/{name}"), ["GET"], move || ready(make()))
    };
    App::new("answers").routes([
        kind("text", || Ok("text".into_response())),
        kind("bytes", || Ok(b"bytes".to_vec().into_response())),
        kind("status", || Ok(("made", 201).into_response())),
        kind("headers", || Ok(("made", [("x-a", "1")]).into_response())),
        kind("both", || Ok(("made", 202, [("x-a", "1"), ("x-b", "2")]).into_response())),
        kind("type", || Ok(("made", 200, [("content-type", "text/csv")]).into_response())),
        kind("object", || Ok(Json(json!({ "a": 1, "b": [true, null] })).into_response())),
        kind("list", || Ok(Json([1, 2]).into_response())),
        kind("json-status", || Ok((Json(json!({ "a": 1 })), 201).into_response())),
        kind("response", || {
            let mut own = Response::new(Body::from("own"));
            *own.status_mut() = StatusCode::NON_AUTHORITATIVE_INFORMATION;
            Ok((own, [("x-a", "1")]).into_response())
        }),
        kind("redirect", || Ok(redirect("/there?a=b")?.into_response())),
        kind("redirect-308", || Ok(redirect_with("/there", 308)?.into_response())),
        kind("redirect-odd", || Ok(redirect("/a b/ü\"<\\")?.into_response())),
        kind("redirect-split", || Ok(redirect("/a\r\nset-cookie: x=1")?.into_response())),
        kind("stream", || {
            let pieces = ["a", "b"].map(Ok::<_, Infallible>);
            Ok(stream(futures_util::stream::iter(pieces)).into_response())
        }),
        kind("empty", || Ok(("", 204).into_response())),
        kind("cookie", || {
            let cookie = Cookie::new("a", "b c;d").max_age(std::time::Duration::from_mins(1)).path("/x");
            Ok(("set", cookie.secure().http_only().same_site(SameSite::Lax)).into_response())
        }),
        kind("uncookie", || {
            let mut response = "unset".into_response();
            response.delete_cookie("a")?;
            Ok(response)
        }),
    ])
}

fn sent_files(folder: &Path) -> App {
    let file = || send_file("static/a.txt");
    App::new("files").root_path(folder).static_folder("static").routes([
        Route::new("send", "/send", ["GET"], move || file().into_future()),
        Route::new("save", "/save", ["GET"], move || file().as_attachment().into_future()),
        Route::new("named", "/named", ["GET"], move || {
            file().as_attachment().download_name("Bericht ü.txt").into_future()
        }),
        Route::new("aged", "/aged", ["GET"], move || {
            file().max_age(std::time::Duration::from_mins(1)).into_future()
        }),
        Route::new("typed", "/typed", ["GET"], move || file().mimetype("text/x-own").into_future()),
    ])
}

/// What a client likes best.
fn preferences() -> App {
    App::new("preferences").routes([
        Route::new("media", "/media", ["GET"], async || {
            let offers = ["text/html", "application/json", "text/plain", "image/png"];
            request().best_media_type(&offers).unwrap_or("none")
        }),
        Route::new("language", "/language", ["GET"], async || {
            request().best_language(&["en", "zh-Hans", "de-CH"]).unwrap_or("none")
        }),
    ])
}

/// A view whose answer has validators and ranges.
fn conditions() -> App {
    App::new("conditions").routes([Route::new("index", "/", ["GET"], async || {
        let date = std::time::UNIX_EPOCH + std::time::Duration::from_secs(784_111_777);
        let mut response =
            ("the quick brown fox jumps over the lazy dog", ETag::of_version("v1")).into_response();
        response.set_last_modified(date);
        response.accept_ranges();
        response
    })])
}

/// What the globals say, step by step.
pub(crate) fn contexts() -> Vec<String> {
    let user = Route::new("user", "/user/<int:id>", ["GET"], async || "");
    let app = App::new("contexts")
        .configure(|config| config.server_name = Some("example.org".into()))
        .routes([user]);
    let (app, other) = (app.build().unwrap(), App::new("other").build().unwrap());
    let mut said = vec![now()];
    app.app_context().run(|| {
        said.push(now());
        g().set(1_i32);
        said.push(now());
        said.push(url_for("user", &[("id", 1.into())]).unwrap());
        said.push(other.app_context().run(now));
        said.push(now());
        said.push(app.app_context().run(now));
    });
    said.push(now());
    asked(&app, "/user/3?a=b").run(|| {
        said.push(now());
        g().set(2_i32);
        said.push(asked(&app, "/nowhere").run(now));
        said.push(now());
        said.push(url_for("user", &[("id", 1.into())]).unwrap());
        said.push(UrlFor::endpoint("user").value("id", 1).external().build().unwrap());
        said.push(
            other.app_context().run(|| if has_request() { "True".to_owned() } else { "False".to_owned() }),
        );
    });
    said.push(now());
    said
}

fn asked(app: &Application, target: &str) -> std::sync::Arc<flagon::Context> {
    let message = http::Request::get(target).header("host", "example.org").body("").unwrap();
    app.test_request_context(message)
}

fn now() -> String {
    let none = || "-".to_owned();
    let app = if has_app() { current_app().name().to_owned() } else { none() };
    let path = if has_request() { request().path().to_owned() } else { none() };
    let endpoint = if has_request() { request().endpoint().unwrap_or("None").to_owned() } else { none() };
    let n = if has_app() { g().get::<i32>().map_or("None".to_owned(), |n| n.to_string()) } else { none() };
    format!("{app} {path} {endpoint} {n}")
}
