//! Signatures that are right.

use std::sync::Arc;

use flagon::{BodyStream, Context, Error, UploadedFile, Value, http, prelude::*};

#[derive(Deserialize)]
struct Search {
    q: String,
}

#[derive(Deserialize)]
struct Upload {
    photo: Option<UploadedFile>,
}

#[get("/")]
async fn plain() {}

#[get("/id/<int:id>")]
fn id(id: i64) -> String {
    id.to_string()
}

#[get("/unused/<int:id>")]
async fn unused(_id: i64) -> &'static str {
    "the id does not matter"
}

#[get("/mut/<name>")]
async fn mutable(mut name: String) -> String {
    name.push('!');
    name
}

#[get("/search")]
async fn taken_apart(Query(search): Query<Search>) -> String {
    search.q
}

#[post("/everything/<path:type>")]
#[put("/everything", defaults(r#type = "none"))]
async fn everything(
    r#type: String,
    context: Arc<Context>,
    headers: http::HeaderMap,
    method: http::Method,
    uri: http::Uri,
    state: State<u8>,
) -> Result<(String, u16), std::num::ParseIntError> {
    let parsed: u16 = r#type.parse()?;
    drop((context, headers, method, uri, state));
    Ok((r#type, parsed))
}

#[post("/body")]
async fn body(
    user_agent: Option<Header<String>>,
    body: Json<Vec<u8>>,
    query: Result<Query<Search>, Error>,
) -> Result<Json<Vec<u8>>> {
    drop((user_agent, query?));
    Ok(body)
}

#[post("/upload", max_body = 8 << 20)]
async fn upload(form: Form<Upload>) -> Result<String> {
    form.photo.as_ref().map(|photo| photo.filename().to_owned()).or_404()
}

#[route("/stream", methods("POST", "PROPFIND"), host = "<name>.example.org")]
async fn stream(name: String, mut body: BodyStream) -> Result<String> {
    while body.next().await?.is_some() {}
    Ok(name)
}

#[cfg(any())]
#[get("/never")]
async fn never() -> NoSuchType {}

#[get("/never")]
#[cfg(any())]
async fn never_either() -> NoSuchType {}

mod inner {
    use flagon::prelude::*;

    #[get("/inner/<any(a, b):letter>/<float:number>/<uuid:key>")]
    pub(crate) async fn view(letter: char, number: f32, key: String) -> String {
        format!("{letter} {number} {key}")
    }
}

pub(crate) fn main() {
    let routes =
        routes![plain, id, unused, mutable, taken_apart, everything, body, upload, stream, inner::view];
    assert_eq!(routes.len(), 10);
    let _ = || {
        let id = 3_u8;
        let _ = url_for!(id, &id);
        let _ = url_for!(
            id,
            3,
            page = Value::from(2),
            tag = "a",
            _external = true,
            _scheme = "https",
            _method = "GET"
        );
        let _ = url_for!(
            inner::view,
            "a",
            1,
            "6c1ae8b4-6a5b-4a8c-9b2e-2d6f0c0a7a11".parse::<uuid::Uuid>().unwrap()
        );
        let _ = url_for!(stream);
    };
    let _: fn(i64) -> String = id;
}
