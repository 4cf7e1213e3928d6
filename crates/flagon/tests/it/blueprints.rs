//! What a blueprint registers for the whole app.

use flagon::{Route, prelude::*, render_string};

struct Lang(String);

#[test]
fn a_nested_blueprint_speaks_for_the_whole_app() {
    async fn unreadable(error: std::num::ParseIntError) -> (String, u16) {
        (error.to_string(), 422)
    }
    let inner = Blueprint::new("inner")
        .app_url_value_preprocessor(|_, values| {
            g().set(Lang(values.get("lang").unwrap_or("none").to_owned()));
        })
        .app_url_defaults(|values| values.set_default("lang", g().get::<Lang>().unwrap().0.clone()))
        .app_context_processor(|| context! { year => 2026 })
        .app_errorhandler_of(unreadable);
    let page = Route::new("page", "/<lang>/page", ["GET"], async || {
        render_string("{{ year }} {{ url_for('page')|safe }} {{ url_for('other.fails')|safe }}", context! {})
    });
    let fails = Route::new("fails", "/fails", ["GET"], async || "x".parse::<u8>().map(|_| ()));
    let app = App::new("app")
        .routes([page])
        .register_blueprint(Blueprint::new("outer").register_blueprint(inner))
        .register_blueprint(Blueprint::new("other").url_prefix("/other").routes([fails]));
    let client = app.test_client();
    assert_eq!(client.get("/zh/page").wait().text(), "2026 /zh/page /other/fails");
    assert_eq!(client.get("/other/fails").wait().status(), 422);
}

#[test]
fn the_subdomain_of_a_nested_blueprint_is_one_of_the_outers() {
    let route = |name: &'static str| {
        [Route::new(name, "/", ["GET"], async || request().endpoint().unwrap().to_owned())]
    };
    let outer = Blueprint::new("outer")
        .subdomain("a")
        .routes(route("index"))
        .register_blueprint(Blueprint::new("same").url_prefix("/same").routes(route("index")))
        .register_blueprint(Blueprint::new("inner").subdomain("b").routes(route("index")));
    let app = App::new("app").register_blueprint(outer);
    let client = app.configure(|config| config.server_name = Some("example.org".into())).test_client();
    for (url, expected) in [
        ("http://a.example.org/", "outer.index"),
        ("http://a.example.org/same/", "outer.same.index"),
        ("http://b.a.example.org/", "outer.inner.index"),
    ] {
        assert_eq!(client.get(url).wait().text(), expected, "{url}");
    }
    assert_eq!(client.get("http://b.example.org/").wait().status(), 404);
}

#[test]
fn what_can_not_be_meant_is_told_while_the_app_is_set_up() {
    let told = |set_up: fn() -> App| {
        let panic = std::panic::catch_unwind(|| drop(set_up().test_client())).unwrap_err();
        *panic.downcast::<String>().unwrap()
    };
    let forgotten = told(|| App::new("t").after_request(async |_| ()));
    assert!(
        forgotten.starts_with("an after-hook that gives nothing would empty every answer"),
        "{forgotten}"
    );
    let forgotten = told(|| App::new("t").after_request(async |_| Ok::<_, Error>(())));
    assert!(forgotten.contains("give the response on"), "{forgotten}");
    let no_error = told(|| App::new("t").errorhandler(200, async |_| "fine"));
    assert!(no_error.contains("from 400 to 599, and not for 200..=200"), "{no_error}");
    let no_slash = told(|| {
        let page = Route::new("page", "/page", ["GET"], async || ());
        App::new("t").register_blueprint(Blueprint::new("b").url_prefix("b").routes([page]))
    });
    assert!(no_slash.contains("`b/page`") && no_slash.contains("\n  because "), "{no_slash}");
}
