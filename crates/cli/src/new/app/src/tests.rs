//! What visitors do, without a socket.

use flagon::{Secret, testing::Client};

fn client() -> Client {
    let app = super::app().configure(|config| {
        config.database = "sqlite::memory:".into();
        config.secret_key = Some(Secret::new("of tests"));
    });
    app.test_client()
}

#[test]
fn a_note_is_kept_and_shown() {
    let client = client();
    let answer = client.post("/").form(&[("text", "<b>milk</b>")]).wait();
    assert_eq!((answer.status().as_u16(), answer.header("location")), (302, Some("/")));
    assert!(client.get("/").wait().text().contains("<li>&lt;b&gt;milk&lt;/b&gt;"));
}

#[test]
fn nothing_is_no_note() {
    let client = client();
    client.post("/").form(&[("text", " ")]).wait();
    let page = client.get("/").wait();
    assert!(page.text().contains("Write something first.") && !page.text().contains("<li>"));
}
