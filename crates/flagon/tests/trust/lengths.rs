//! How long the texts of a form may be.

use flagon::{
    Text, form_fields,
    prelude::*,
    render_string,
    testing::{Client, Multipart},
};

#[derive(Deserialize)]
struct NewPost {
    title: Text<10>,
    #[serde(default)]
    body: String,
    #[serde(default)]
    tags: Vec<Text<4>>,
    year: Option<u16>,
    note: Option<Text<50_000>>,
}

#[post("/posts")]
async fn create(post: Form<NewPost>) -> String {
    let note = post.note.as_ref().map_or(0, |note| note.len());
    format!("{} {} {} {:?} {note}", post.title, post.body.len(), post.tags.len(), post.year)
}

#[get("/posts/new")]
async fn new() -> Result<Html> {
    let page = r#"<input name="title" maxlength="{{ f.title.maxlength }}"><textarea name="body" maxlength="{{ f.body.maxlength }}">
        </textarea><input name="year" type="number" min="{{ f.year.min }}" max="{{ f.year.max }}">"#;
    render_string(page, context! { f => form_fields::<NewPost>() })
}

fn client() -> Client {
    App::new("blog").routes(routes![create, new]).test_client()
}

fn problem(fields: &[(&str, &str)]) -> (u16, String) {
    let answer = client().post("/posts").form(fields).wait();
    let errors: serde_json::Value = answer.json();
    let first = &errors["errors"][0];
    (
        answer.status().as_u16(),
        format!("{}: {}", first["field"].as_str().unwrap(), first["detail"].as_str().unwrap()),
    )
}

#[test]
fn what_is_too_long_is_named() {
    let long = "x".repeat(20_001);
    for (fields, expected) in [
        (&[("title", "12345678901")][..], "title: expected at most 10 characters, got 11"),
        (&[("title", "😀😀😀😀😀😀")], "title: expected at most 10 characters, got 12"),
        (&[("title", "a"), ("body", &long)], "body: expected at most 20000 characters, got 20001"),
        (&[("title", "a"), ("tags", "ab"), ("tags", "abcde")], "tags: expected at most 4 characters, got 5"),
        (&[("title", "a"), ("year", &long)], "year: expected at most 20000 characters, got 20001"),
    ] {
        assert_eq!(problem(fields), (422, expected.to_owned()));
    }
}

#[test]
fn what_fits_is_taken() {
    let exactly = "x".repeat(20_000);
    let note = "x".repeat(50_000);
    let fields = [
        ("title", "中文中文中文中文中文"),
        ("body", &exactly),
        ("tags", "ab\r\nc"),
        ("year", "2026"),
        ("note", &note),
    ];
    let answer = client().post("/posts").form(&fields).wait();
    assert_eq!(answer.text(), "中文中文中文中文中文 20000 1 Some(2026) 50000");
    let answer = client().post("/posts").multipart(Multipart::new().text("title", "01234567890")).wait();
    assert_eq!(answer.status(), 422);
}

#[test]
fn the_bound_is_a_setting_and_stands_in_the_page() {
    let app =
        App::new("blog").routes(routes![create, new]).configure(|config| config.max_form_field_length = 5);
    let client = app.test_client();
    let page = client.get("/posts/new").wait().text().to_owned();
    for attribute in
        [r#"name="title" maxlength="10""#, r#"name="body" maxlength="5""#, r#"min="0" max="65535""#]
    {
        assert!(page.contains(attribute), "{page}");
    }
    let answer = client.post("/posts").form(&[("title", "a"), ("body", "123456")]).wait();
    assert_eq!(answer.status(), 422);
}
