//! Views with rules: variables, defaults, several rules, names.

use flagon::{View, http, prelude::*};

use crate::client::{get, send};

#[get("/")]
#[get("/page/<int:page>", strict_slashes = false)]
/// The list.
///
/// More of it.
async fn index(page: Option<i64>) -> String {
    format!("page {page:?}")
}

#[get("/u/<int:id>/<path:rest>")]
fn show(id: u16, rest: String) -> String {
    format!("{id} {rest} {}", request().path())
}

mod blog {
    use flagon::prelude::*;

    #[flagon::get("/blog/", defaults(page = 1))]
    #[get("/blog/<int:page>")]
    #[post("/blog/post")]
    pub(crate) async fn list(page: Option<u32>) -> String {
        format!("{page:?}")
    }

    #[route("/typed/<type>", methods("GET", "PUT"), endpoint = "typed", max_body = 1024 * 2)]
    pub(crate) async fn typed(r#type: String) -> String {
        r#type
    }
}

fn app() -> App {
    App::new("views").routes(routes![index, show, blog::list])
}

#[tokio::test]
async fn variables_become_arguments() {
    assert_eq!(get(app(), "/").await.text, "page None");
    assert_eq!(get(app(), "/page/7").await.text, "page Some(7)");
    assert_eq!(get(app(), "/u/7/a/b%20c").await.text, "7 a/b c /u/7/a/b%20c");
    assert_eq!(get(app(), "/u/65536/a").await.status, 404);
    assert_eq!(get(app(), "/blog/").await.text, "Some(1)");
    assert_eq!(get(app(), "/blog/3").await.text, "Some(3)");
}

#[tokio::test]
async fn urls_are_built_from_views() {
    let app = app().build().unwrap();
    let url = app.app_context().run(|| {
        let anchor = "c d".to_owned();
        let far = true;
        (
            url_for!(show, 7, "a b", q = "x&y", _anchor = anchor).unwrap(),
            url_for!(index, Some(2)).unwrap(),
            url_for!(index, None).unwrap(),
            url_for!(blog::list, Some(1), q = 3, _external = !far).unwrap(),
        )
    });
    assert_eq!(url.0, "/u/7/a%20b?q=x%26y#c%20d");
    assert_eq!(url.1, "/page/2");
    assert_eq!(url.2, "/");
    assert_eq!(url.3, "/blog/?q=3");
}

#[test]
fn a_view_stays_a_function() {
    let context =
        App::new("views").build().unwrap().test_request_context(http::Request::get("/x").body("").unwrap());
    assert_eq!(context.run(|| show(1, "a".to_owned())), "1 a /x");

    assert_eq!(index::INFO.doc, "The list.");
    assert_eq!(blog::typed::INFO.max_body, Some(2048));
}

#[get("/of/<int:id>", host = "<name>.example.org")]
async fn of_host(name: String, id: u8) -> String {
    format!("{name} {id}")
}

#[tokio::test]
async fn a_host_has_variables_too() {
    let app = || App::new("hosts").routes(routes![of_host]);
    let message = http::Request::get("/of/7").header("host", "ada.example.org").body("").unwrap();
    assert_eq!(send(app(), message).await.text, "ada 7");
    let message = http::Request::get("/of/7").header("host", "example.org").body("").unwrap();
    assert_eq!(send(app(), message).await.status, 404);
}
