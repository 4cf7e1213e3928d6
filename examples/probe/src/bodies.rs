//! Bodies of requests: read as JSON, as a number, and as they arrive.

use flagon::{BodyStream, UploadedFile, prelude::*};

#[derive(Deserialize, Serialize)]
pub(crate) struct Pair {
    a: i64,
    b: String,
}

#[post("/json")]
pub(crate) async fn echo_json(pair: Json<Pair>) -> Json<Pair> {
    pair
}

#[derive(Deserialize)]
pub(crate) struct Terms {
    a: i64,
    b: i64,
}

impl Terms {
    fn sum(&self) -> i128 {
        i128::from(self.a) + i128::from(self.b)
    }
}

#[get("/baseline11")]
pub(crate) async fn sum(terms: Query<Terms>) -> String {
    terms.sum().to_string()
}

#[post("/baseline11")]
pub(crate) async fn sum_with_body(terms: Query<Terms>, body: String) -> Result<String> {
    let Ok(third) = body.trim().parse::<i64>() else {
        return abort_because(400, "the body is not an integer");
    };
    Ok((terms.sum() + i128::from(third)).to_string())
}

/// Counts the bytes of the body while they arrive; none is kept.
#[post("/upload", max_body = 20 * 1024 * 1024)]
pub(crate) async fn upload(mut body: BodyStream) -> Result<String> {
    let mut count = 0;
    while let Some(bytes) = body.next().await? {
        count += bytes.len();
    }
    Ok(count.to_string())
}

#[derive(Deserialize)]
pub(crate) struct Parcel {
    #[serde(default)]
    note: String,
    #[serde(default)]
    file: Vec<UploadedFile>,
}

/// Counts files and their bytes. What is too long for memory waits on the disk meanwhile, and is gone with the request.
#[post("/files", max_body = 20 * 1024 * 1024)]
pub(crate) async fn files(parcel: Form<Parcel>) -> String {
    let bytes: u64 = parcel.file.iter().map(UploadedFile::size).sum();
    format!("{} of {bytes} bytes, {}", parcel.file.len(), parcel.note.len())
}
