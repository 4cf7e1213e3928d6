//! The body as it is.

use bytes::Bytes;
use flagon::{BodyStream, prelude::*};

use crate::client::{broken_off, pieces, post};

#[post("/")]
async fn whole(bytes: Bytes, text: String, number: Json<u64>, nothing: Option<Bytes>) -> String {
    format!("{} {text} {} {}", bytes.len(), *number, nothing.is_some())
}

#[post("/", max_body = 10)]
async fn stream(mut body: BodyStream) -> Result<String> {
    let mut sizes = Vec::new();
    while let Some(piece) = body.next().await? {
        sizes.push(piece.len());
    }
    Ok(format!("{sizes:?}"))
}

#[post("/")]
async fn text(text: String) -> String {
    text
}

#[tokio::test]
async fn what_reads_all_shares_the_bytes() {
    let app = App::new("body").routes(routes![whole]);
    assert_eq!(post(app, "application/json", pieces(b"12345", 2)).await.text, "5 12345 12345 true");
}

#[tokio::test]
async fn a_stream_gives_the_pieces_up_to_the_limit() {
    let app = || App::new("body").routes(routes![stream]);
    assert_eq!(post(app(), "text/plain", pieces(&[0; 10], 4)).await.text, "[4, 4, 2]");
    assert_eq!(post(app(), "text/plain", pieces(&[0; 11], 4)).await.status, 413);
    assert_eq!(post(app(), "text/plain", vec![0; 11]).await.status, 413);
    assert_eq!(post(app(), "text/plain", broken_off(b"x")).await.status, 400);
}

#[tokio::test]
async fn text_is_utf8() {
    let app = || App::new("body").routes(routes![text]);
    assert_eq!(post(app(), "text/plain; charset=\"UTF-8\"", "中").await.text, "中");
    assert_eq!(
        post(app(), "text/plain", b"ab\xff".to_vec()).await.problem(),
        (400, "body : expected UTF-8, got something else at byte 2".to_owned())
    );
    assert_eq!(
        post(app(), "text/plain; charset=gbk", "x").await.problem(),
        (415, "header content-type: expected the charset `utf-8`, got `gbk`".to_owned())
    );
}
