//! `State<T>`, and types of an app's own.

use std::sync::atomic::{AtomicU8, Ordering};

use flagon::{Argument, Context, FromRequest, prelude::*};

use crate::client::{get, send};

#[get("/")]
async fn count(visits: State<AtomicU8>, missing: Option<State<u16>>) -> String {
    format!("{} {}", visits.fetch_add(1, Ordering::Relaxed), missing.is_some())
}

#[get("/aliased")]
async fn aliased(visits: Alias) -> String {
    visits.to_string()
}

type Alias = State<u32>;

struct User(String);

impl FromRequest for User {
    async fn from_request(context: &Context, argument: Argument) -> Result<Self> {
        let name = context.request().header(http::header::FROM).or_401()?;
        Ok(Self(format!("{} {name}", argument.name())))
    }
}

#[get("/me")]
async fn me(user: User) -> String {
    user.0
}

#[tokio::test]
async fn state_is_shared() {
    let app = App::new("state").state(AtomicU8::new(7)).routes(routes![count]);
    assert_eq!(get(app, "/").await.text, "7 false");
}

#[test]
fn a_missing_state_is_found_at_start() {
    let error = App::new("state").routes(routes![count]).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the view of `count` takes a `State<core::sync::atomic::AtomicU8>`: give the app one with `.state(…)`"
    );
}

#[tokio::test]
async fn a_missing_state_behind_an_alias_is_a_500() {
    let answer = get(App::new("state").routes(routes![aliased]), "/aliased").await;
    assert_eq!(answer.status, 500);
    assert!(!answer.text.contains("State"), "{answer:?}");
}

#[tokio::test]
async fn own_types_are_arguments() {
    let app = || App::new("own").routes(routes![me]);
    assert_eq!(get(app(), "/me").await.status, 401);
    let message = http::Request::get("/me").header("from", "ada").body("").unwrap();
    assert_eq!(send(app(), message).await.text, "user ada");
}
