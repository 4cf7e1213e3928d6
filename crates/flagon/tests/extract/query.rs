//! `Query<T>`.

use flagon::{Error, prelude::*};

use crate::client::get;

#[derive(Deserialize)]
struct Search {
    q: String,
    #[serde(default)]
    tag: Vec<String>,
    page: Option<u32>,
}

#[get("/search")]
async fn search(search: Query<Search>) -> String {
    format!("{} {:?} {:?}", search.q, search.tag, search.page)
}

#[get("/maybe")]
async fn maybe(search: Option<Query<Search>>) -> String {
    search.map_or_else(|| "none".to_owned(), |search| search.0.q)
}

#[get("/either")]
async fn either(search: Result<Query<Search>, Error>) -> String {
    match search {
        Ok(search) => search.0.q,
        Err(error) => error.to_string(),
    }
}

fn app() -> App {
    App::new("query").routes(routes![search, maybe, either])
}

#[tokio::test]
async fn repeated_names_fill_lists() {
    let answer = get(app(), "/search?tag=a&q=x+y%21&tag=%E4%B8%AD&page=2").await;
    assert_eq!(answer.text, r#"x y! ["a", "中"] Some(2)"#);
    assert_eq!(get(app(), "/search?q=").await.text, " [] None");
}

#[tokio::test]
async fn refusals_name_the_field() {
    for (target, status, problem) in [
        ("/search", 422, "query q: missing"),
        ("/search?q=a&q=b", 422, "query q: given 2 times, expected once"),
        ("/search?q=a&page=x", 422, "query page: expected a whole number from 0 to 4294967295, got `x`"),
        ("/search?q=%ff", 400, "query q: the value is not UTF-8 once it is percent-decoded"),
    ] {
        assert_eq!(get(app(), target).await.problem(), (status, problem.to_owned()), "{target}");
    }
    let many = format!("/search?{}", "q&".repeat(1001));
    assert_eq!(get(app(), &many).await.problem(), (400, "query : expected at most 1000 names".to_owned()));
}

#[tokio::test]
async fn option_is_none_without_a_query_and_result_gives_the_error() {
    assert_eq!(get(app(), "/maybe").await.text, "none");
    assert_eq!(get(app(), "/maybe?q=a").await.text, "a");
    assert_eq!(get(app(), "/maybe?p=a").await.status, 422);
    assert_eq!(get(app(), "/either?q=a").await.text, "a");
    assert_eq!(get(app(), "/either").await.text, "query `q`: missing");
}
