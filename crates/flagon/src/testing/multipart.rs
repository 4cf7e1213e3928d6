//! A form with files, as a browser sends it (RFC 7578).

use bytes::{BufMut, BytesMut};

/// A form with files: `client.post("/upload").multipart(Multipart::new().text("title", "cat").file(…))`.
///
/// # Examples
///
/// ```
/// use flagon::testing::Multipart;
///
/// let form = Multipart::new().text("title", "cat").file("picture", "cat.png", "image/png", b"\x89PNG");
/// assert!(form.content_type().starts_with("multipart/form-data; boundary="));
/// ```
#[derive(Debug, Clone)]
pub struct Multipart {
    boundary: String,
    body: BytesMut,
}

impl Multipart {
    /// Begins an empty form.
    #[expect(
        clippy::new_without_default,
        reason = "two forms are never equal: each has a boundary of its own"
    )]
    pub fn new() -> Self {
        Self { boundary: uuid::Uuid::new_v4().simple().to_string(), body: BytesMut::new() }
    }

    /// Adds a field.
    #[must_use]
    pub fn text(self, name: &str, value: &str) -> Self {
        let head = format!("Content-Disposition: form-data; name=\"{}\"", escaped(name));
        self.part(&head, value.as_bytes())
    }

    /// Adds a file.
    #[must_use]
    pub fn file(self, name: &str, filename: &str, media_type: &str, content: impl AsRef<[u8]>) -> Self {
        let (name, filename) = (escaped(name), escaped(filename));
        let head = format!(
            "Content-Disposition: form-data; name=\"{name}\"; filename=\"{filename}\"\r\nContent-Type: {media_type}"
        );
        self.part(&head, content.as_ref())
    }

    /// The value of `Content-Type`.
    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    pub(super) fn into_body(mut self) -> bytes::Bytes {
        self.body.put_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        self.body.freeze()
    }

    fn part(mut self, head: &str, content: &[u8]) -> Self {
        self.body.put_slice(format!("--{}\r\n{head}\r\n\r\n", self.boundary).as_bytes());
        self.body.put_slice(content);
        self.body.put_slice(b"\r\n");
        self
    }
}

/// Escapes as the HTML standard tells browsers to, for names and filenames.
fn escaped(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
