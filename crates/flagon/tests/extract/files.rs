//! Files in forms.

use std::{
    fmt::Write,
    fs,
    io::{Read, Seek, SeekFrom},
};

use flagon::{UploadedFile, prelude::*};
use http_body_util::BodyExt as _;

use crate::client::{pieces, post};

const MULTIPART: &str = "multipart/form-data; boundary=b";

#[derive(Deserialize)]
struct Upload {
    #[serde(default)]
    note: String,
    photo: Option<UploadedFile>,
    #[serde(default)]
    more: Vec<UploadedFile>,
}

#[post("/", max_body = 4 << 20)]
async fn upload(form: Form<Upload>) -> Result<String> {
    let mut text = form.note.clone();
    for file in form.photo.iter().chain(&form.more) {
        let bytes = file.bytes().await?;
        assert_eq!(bytes.len() as u64, file.size());
        let sum: u64 = bytes.iter().map(|byte| u64::from(*byte)).sum();
        write!(text, "[{} {:?} {} {sum}]", file.filename(), file.content_type(), file.size())?;
    }
    Ok(text)
}

#[derive(Deserialize)]
struct Needed {
    photo: UploadedFile,
}

#[post("/")]
async fn needed(form: Form<Needed>) -> String {
    form.photo.secure_filename()
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only its error is looked at")]
struct Text {
    photo: String,
}

#[post("/")]
async fn text(_form: Form<Text>) {}

fn file(name: &str, filename: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!(
        "--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{filename}\"\r\nContent-Type: image/png\r\n\r\n"
    );
    [head.as_bytes(), bytes, b"\r\n"].concat()
}

fn app() -> App {
    App::new("files").routes(routes![upload])
}

#[tokio::test]
async fn files_come_in_any_size() {
    // 256 KiB stay in memory; one byte more goes to the disk.
    for size in [0, 1, 256 * 1024, 256 * 1024 + 1, 3_000_000] {
        let bytes: Vec<u8> = (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let sum: u64 = bytes.iter().map(|byte| u64::from(*byte)).sum();
        let body = [file("photo", "a.png", &bytes), b"--b--".to_vec()].concat();
        let answer = post(app(), MULTIPART, pieces(&body, 10_007)).await;
        assert_eq!(answer.text, format!("[a.png Some(\"image/png\") {size} {sum}]"));
    }
}

#[tokio::test]
async fn several_files_and_none() {
    let body =
        [file("more", "a", b"1"), file("more", "b", b"\x02"), file("photo", "", b""), b"--b--".to_vec()]
            .concat();
    let answer = post(app(), MULTIPART, body).await;
    assert_eq!(answer.text, "[a Some(\"image/png\") 1 49][b Some(\"image/png\") 1 2]");
    let untouched = [file("more", "", b""), b"--b--".to_vec()].concat();
    assert_eq!(post(app(), MULTIPART, untouched).await.text, "");
    assert_eq!(post(app(), "application/x-www-form-urlencoded", "note=n").await.text, "n");
}

#[tokio::test]
async fn what_is_no_file_or_too_many_is_refused() {
    let needed = || App::new("needed").routes(routes![needed]);
    let untouched = [file("photo", "", b""), b"--b--".to_vec()].concat();
    let none = needed();
    assert_eq!(
        post(none, MULTIPART, untouched).await.problem(),
        (422, "form photo: expected a file, none was chosen".to_owned())
    );
    let (status, problem) = post(needed(), "application/x-www-form-urlencoded", "photo=x").await.problem();
    assert_eq!((status, &problem[..39]), (422, "form photo: expected a file, got text: "));
    let one = [file("photo", "../../x y", b"1"), b"--b--".to_vec()].concat();
    assert_eq!(post(needed(), MULTIPART, one.clone()).await.text, "x_y");
    let texts = App::new("text").routes(routes![text]);
    assert_eq!(
        post(texts, MULTIPART, one).await.problem(),
        (422, "form photo: expected text, got a file".to_owned())
    );
    let many = [file("more", "a", b"").repeat(101), b"--b--".to_vec()].concat();
    assert_eq!(
        post(app(), MULTIPART, many).await.problem(),
        (413, "form more: expected at most 100 files".to_owned())
    );
    let long = [file("photo", "a", &vec![0; 4 << 20]), b"--b--".to_vec()].concat();
    assert_eq!(post(app(), MULTIPART, pieces(&long, 65_536)).await.status, 413);
}

#[post("/", max_body = 4 << 20)]
async fn store(form: Form<Needed>, folder: State<tempfile::TempDir>) -> Result<String> {
    let path = folder.path().join("stored");
    form.photo.save(&path).await?;
    let again = form.photo.save(&path).await.unwrap_err();
    Ok(again.to_string() + again.source().map(ToString::to_string).as_deref().unwrap_or_default())
}

#[post("/", max_body = 4 << 20)]
fn ends(form: Form<Needed>) -> Result<String> {
    let (mut reader, mut text) = (form.photo.reader(), String::new());
    reader.seek(SeekFrom::End(-3))?;
    reader.read_to_string(&mut text)?;
    let mut other = form.photo.reader().take(2);
    other.read_to_string(&mut text)?;
    Ok(text)
}

#[tokio::test]
async fn a_file_is_saved_once_and_read_from_anywhere() {
    for size in [10, 1_000_000] {
        let bytes = [b"begin".to_vec(), vec![b'-'; size], b"end".to_vec()].concat();
        let body = [file("photo", "a", &bytes), b"--b--".to_vec()].concat();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stored");
        let keep = folder.path().to_owned();
        let app = App::new("store").state(folder).routes(routes![store]).build().unwrap();
        let message =
            http::Request::post("/").header("content-type", MULTIPART).body(flagon::Body::from(body.clone()));
        let response = tower_service::Service::call(&mut app.clone(), message.unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        let again = response.into_body().collect().await.unwrap().to_bytes();
        let again = String::from_utf8_lossy(&again);
        assert!(
            again.contains(&format!("an upload could not be saved at {}: File exists", path.display())),
            "{again}"
        );
        assert_eq!(fs::read(&path).unwrap(), bytes, "in {keep:?}");
        let ends = App::new("ends").routes(routes![ends]);
        assert_eq!(post(ends, MULTIPART, body).await.text, "endbe");
    }
}
