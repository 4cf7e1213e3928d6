//! Messages for the next page.

use flagon::{
    Secret, SessionValue, flash, flash_with, get_flashed_messages, prelude::*, render_string, testing::Client,
};

#[post("/save")]
async fn save() -> Result<Redirect> {
    flash("Saved & sound")?;
    flash_with("error", "The <disk> is full")?;
    redirect("/")
}

#[get("/")]
async fn index() -> Result<Html> {
    render_string(
        "{% for category, message in get_flashed_messages(with_categories=true) %}[{{ category }}: {{ message }}]{% endfor %}\
         {% for message in get_flashed_messages(category_filter=['error']) %}({{ message }}){% endfor %}",
        context! {},
    )
}

#[get("/list")]
async fn list() -> Result<String> {
    let of = |messages: Vec<flagon::Flash>| {
        messages
            .into_iter()
            .map(|flash| format!("{} {}", flash.category, flash.message))
            .collect::<Vec<_>>()
            .join("; ")
    };
    Ok(format!("{} | {}", of(get_flashed_messages(&["error"])?), of(get_flashed_messages(&[])?)))
}

fn client() -> Client {
    App::new("t")
        .routes(routes![save, index, list])
        .configure(|config| config.secret_key = Some(Secret::new("x")))
        .test_client()
}

#[test]
fn a_message_is_shown_once() {
    let client = client();
    let page = client.post("/save").follow_redirects().wait();
    assert_eq!(
        page.text(),
        "[message: Saved &amp; sound][error: The &lt;disk&gt; is full](The &lt;disk&gt; is full)"
    );
    assert_eq!(client.get("/").wait().text(), "");
    assert!(client.cookie("session").unwrap_or_default().is_empty());
}

#[test]
fn messages_are_filtered_and_stay_for_the_request() {
    let client = client();
    client.post("/save").wait();
    let expected = "error The <disk> is full | message Saved & sound; error The <disk> is full";
    assert_eq!(client.get("/list").wait().text(), expected);
    assert_eq!(client.get("/list").wait().text(), " | ");
}

#[test]
fn the_session_holds_what_flask_holds() {
    let client = client();
    client.post("/save").wait();
    let kept = client.block_on(client.session_transaction(|session| session.value("_flashes").unwrap()));
    // Flask 3.1: `session["_flashes"]` after `flash("Saved & sound")` and `flash("The <disk> is full", "error")`.
    let flasks = r#"[{" t":["message","Saved & sound"]},{" t":["error","The <disk> is full"]}]"#;
    assert_eq!(kept.to_json(), flasks);
    let markup = r#"[{" t":["message",{" m":"<b>bold</b>"}]},{" t":["info",7]}]"#;
    let given = SessionValue::from_json(markup).unwrap();
    client.block_on(client.session_transaction(|session| session.insert_value("_flashes", given))).unwrap();
    assert_eq!(client.get("/").wait().text(), "[message: <b>bold</b>][info: 7]");
}

#[test]
fn without_messages_the_session_is_not_written() {
    let answer = client().get("/").wait();
    assert!(!answer.headers().contains_key("set-cookie"));
}
