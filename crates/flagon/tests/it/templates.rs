//! Templates: where they are found, what they see, what is escaped, and what an error says.

use std::fs;

use flagon::{Route, prelude::*, render_string, template};

fn page(name: &'static str) -> Route {
    Route::new("page", "/page", ["GET"], move || async move { render(name, context! {}) })
}

#[test]
fn folders_come_before_sources_and_the_apps_before_a_blueprints() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("templates")).unwrap();
    fs::create_dir_all(folder.path().join("admin")).unwrap();
    fs::write(folder.path().join("templates/a.html"), "app's").unwrap();
    fs::write(folder.path().join("admin/a.html"), "admin's").unwrap();
    fs::write(folder.path().join("admin/b.html"), "admin's {% include 'c.html' %}").unwrap();
    let admin = Blueprint::new("admin")
        .template_folder("admin")
        .template("b.html", "no")
        .template("c.html", "compiled in");
    let app = App::new("t").root_path(folder.path()).register_blueprint(admin).build().unwrap();
    app.app_context().run(|| {
        assert_eq!(render("a.html", context! {}).unwrap().0, "app's");
        assert_eq!(render("b.html", context! {}).unwrap().0, "admin's compiled in");
    });
}

#[test]
fn a_template_is_loaded_anew_only_in_debug_mode() {
    for (debug, expected) in [(true, "longer"), (false, "short")] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("templates/a.html");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "short").unwrap();
        let app = App::new("t")
            .root_path(folder.path())
            .configure(move |config| config.debug = debug)
            .build()
            .unwrap();
        app.app_context().run(|| {
            assert_eq!(render("a.html", context! {}).unwrap().0, "short");
            fs::write(&file, "longer").unwrap();
            assert_eq!(render("a.html", context! {}).unwrap().0, expected, "debug: {debug}");
        });
    }
}

#[test]
fn html_is_escaped_by_the_name_of_the_template_as_in_flask() {
    for (name, expected) in [
        ("a.html", "&lt;b&gt;"),
        ("a.htm", "&lt;b&gt;"),
        ("a.xml", "&lt;b&gt;"),
        ("a.xhtml", "&lt;b&gt;"),
        ("a.svg", "&lt;b&gt;"),
        ("a.html.j2", "&lt;b&gt;"),
        ("a.txt", "<b>"),
        ("html", "&lt;b&gt;"),
    ] {
        let app = App::new("t").template(name, "{{ text }}").build().unwrap();
        app.app_context()
            .run(|| assert_eq!(render(name, context! { text => "<b>" }).unwrap().0, expected, "{name}"));
    }
}

/// What MarkupSafe 3.0 makes of the same text, of safe text and of other values.
#[test]
fn values_are_written_as_jinja2_does() {
    let app = App::new("t")
        .template("a.html", "{{ text }} {{ text|safe }} {{ number }} {{ none }}")
        .build()
        .unwrap();
    app.app_context().run(|| {
        let page =
            render("a.html", context! { text => "/中&<>\"'", number => 1.5, none => None::<u8> }).unwrap();
        assert_eq!(page.0, "/中&amp;&lt;&gt;&#34;&#39; /中&<>\"' 1.5 None");
    });
}

#[test]
fn an_error_names_the_template_and_its_line() {
    let app = App::new("t")
        .template("bad.html", "one\n{{ nothing.at.all }}")
        .template("worse.html", "{% if %}")
        .build()
        .unwrap();
    app.app_context().run(|| {
        let cause = |name| render(name, context! {}).unwrap_err().source().unwrap().to_string();
        assert!(cause("bad.html").starts_with("bad.html:2: "), "{}", cause("bad.html"));
        assert!(cause("worse.html").starts_with("worse.html:1: "), "{}", cause("worse.html"));
        assert!(
            cause("none.html").contains("there is no template of this name in "),
            "{}",
            cause("none.html")
        );
        assert!(cause("../Cargo.toml").contains("there is no template"), "{}", cause("../Cargo.toml"));
        assert!(render("bad.html", ()).unwrap_err().downcast_ref::<template::Error>().is_some());
    });
}

#[test]
fn the_page_of_an_error_in_debug_mode_shows_the_lines_of_the_template() {
    for (name, source, place, mark) in [
        (
            "a.html",
            "one\n<p>\n{{ nothing.at.all }}\nfour",
            "a.html:3",
            "<mark><i>    3</i> {{ nothing.at.all }}",
        ),
        ("b.html", "one\n<!-- {{ x }} -->", "b.html:2:6", "<mark><i>    2</i> &lt;!-- {{ x }} --&gt;"),
        ("c.html", "{% include 'inner.html' %}", "inner.html:2", "<mark><i>    2</i> {{ x.y.z }}"),
    ] {
        let app = App::new("t")
            .configure(|config| config.debug = true)
            .template(name, source)
            .template("inner.html", "one\n{{ x.y.z }}")
            .routes([page(name)]);
        let answer = app.test_client().get("/page").header("accept", "text/html").wait();
        assert_eq!(answer.status(), 500);
        assert!(answer.text().contains(&format!("<p class=\"place\">{place}</p>")), "{}", answer.text());
        assert!(answer.text().contains(mark), "{}", answer.text());
    }
}

#[test]
fn templates_see_the_request_and_url_for() {
    let source = "{{ request.method }} {{ request.path }} {{ request.endpoint }} {{ request.args.q }} \
                  {{ request.args.get('none', 'd') }} {{ request.args.getlist('q')|join('+') }} {{ request.headers['X-A'] }} \
                  {{ request.cookies.c }} {{ request.remote_addr }} {{ current_app.name }} {{ config.debug }} {{ config.secret_key }}|\
                  {{ url_for('page', q='a b', n=3, _anchor='x') }} {{ url_for('page', _external=true) }}";
    let app = App::new("t").template("p.txt", source).routes([page("p.txt")]);
    let client = app.test_client();
    let response = client.get("/page?q=1&q=2").header("x-a", "A").header("cookie", "c=C").wait();
    assert_eq!(
        response.text(),
        "GET /page page 1 d 1+2 A C 127.0.0.1 t False |/page?q=a+b&n=3#x http://localhost/page"
    );
}

/// Flask's tutorial writes `{{ request.form['title'] }}` into a form that is shown for the first time, and again when it was wrong.
#[test]
fn templates_see_the_form_that_the_view_has_read() {
    #[derive(serde::Deserialize)]
    struct Post {
        title: String,
    }
    #[route("/page", methods("GET", "POST"))]
    async fn page(post: Option<Form<Post>>) -> Result<Html> {
        assert!(post.is_none_or(|post| !post.title.is_empty()));
        render("p.html", ())
    }
    let source = "<input value=\"{{ request.form['title'] }}\">{{ request.form.getlist('tag')|join }}{{ request.form.get('no', '-') }}";
    let client = App::new("t").template("p.html", source).routes(routes![page]).test_client();
    assert_eq!(client.get("/page").wait().text(), "<input value=\"\">-");
    let sent = client
        .post("/page")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("title=a%22+b&tag=1&tag=2");
    assert_eq!(sent.wait().text(), "<input value=\"a&#34; b\">12-");
}

#[test]
fn context_processors_of_a_blueprint_are_for_its_own_views() {
    let inner =
        Blueprint::new("inner").url_prefix("/inner").context_processor(|| context! { who => "inner" });
    let outer = Blueprint::new("outer")
        .url_prefix("/outer")
        .context_processor(|| context! { who => "outer", outer => true })
        .routes([page("p.txt")]);
    let app = App::new("t")
        .template("p.txt", "{{ who }} {{ app }} {{ outer }}")
        .context_processor(|| context! { who => "app", app => true })
        .routes([
            page("p.txt"),
            Route::new("own", "/own", ["GET"], async || render("p.txt", context! { who => "own" })),
        ])
        .register_blueprint(outer.register_blueprint(inner.routes([page("p.txt")])));
    let client = app.test_client();
    for (path, expected) in [
        ("/page", "app True "),
        ("/own", "own True "),
        ("/outer/page", "outer True True"),
        ("/outer/inner/page", "inner True True"),
    ] {
        assert_eq!(client.get(path).wait().text(), expected, "{path}");
    }
}

#[test]
fn filters_tests_and_globals_are_for_all_templates() {
    let app = App::new("t")
        .template_filter("double", |n: i64| n * 2)
        .template_test("tiny", |n: i64| n < 3)
        .template_global("six", || 6)
        .build()
        .unwrap();
    app.app_context().run(|| {
        let page = render_string("{{ 4|double }}{{ 2 is tiny }}{{ six() }}", context! {}).unwrap();
        assert_eq!(page.0, "8True6");
    });
}
