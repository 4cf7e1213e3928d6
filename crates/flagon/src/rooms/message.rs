//! A message of a WebSocket or a room.

use std::fmt;

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use tokio_tungstenite::tungstenite;
use tungstenite::Utf8Bytes;

use crate::error::Result;

/// A message of a [`WebSocket`](crate::WebSocket) or a [`Room`](crate::Room): text or bytes. Cloning it shares its content.
///
/// # Examples
///
/// ```
/// use flagon::Message;
///
/// let message = Message::from("hello");
/// assert_eq!(message.as_text(), Some("hello"));
/// assert_eq!(message.as_bytes(), b"hello");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Message(Content);

#[derive(Clone, PartialEq, Eq)]
enum Content {
    Text(Utf8Bytes),
    Binary(Bytes),
}

impl Message {
    /// Its text; `None` for bytes, even if they are text.
    pub fn as_text(&self) -> Option<&str> {
        match &self.0 {
            Content::Text(text) => Some(text.as_str()),
            Content::Binary(_) => None,
        }
    }

    /// Its content, whichever it is.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Content::Text(text) => text.as_bytes(),
            Content::Binary(bytes) => bytes,
        }
    }

    /// A text: `value` in JSON.
    ///
    /// # Errors
    ///
    /// When `value` has no JSON form, such as a map whose keys are no texts: 500.
    ///
    /// # Examples
    ///
    /// ```
    /// let message = flagon::Message::json(&[1, 2])?;
    /// assert_eq!(message.as_text(), Some("[1,2]"));
    /// # Ok::<(), flagon::Error>(())
    /// ```
    pub fn json(value: &(impl Serialize + ?Sized)) -> Result<Self> {
        Ok(serde_json::to_string(value)?.into())
    }

    /// The value that it holds in JSON.
    ///
    /// # Errors
    ///
    /// When it is no JSON, or not that of a `T`.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(self.as_bytes())
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn into_frame(self) -> tungstenite::Message {
        match self.0 {
            Content::Text(text) => tungstenite::Message::Text(text),
            Content::Binary(bytes) => tungstenite::Message::Binary(bytes),
        }
    }

    /// Takes what was read. A small one is copied: it would hold the whole buffer that it was read into.
    pub(crate) fn of_text(text: Utf8Bytes) -> Self {
        Self(Content::Text(if text.len() < SHARED {
            Utf8Bytes::from(text.as_str().to_owned())
        } else {
            text
        }))
    }

    /// The same of bytes.
    pub(crate) fn of_bytes(bytes: Bytes) -> Self {
        Self(Content::Binary(if bytes.len() < SHARED { Bytes::copy_from_slice(&bytes) } else { bytes }))
    }
}

/// From here on a message is a buffer's main content.
const SHARED: usize = 16 * 1024;

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self(Content::Text(text.into()))
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Self {
        Self(Content::Binary(bytes))
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<&Message> for Message {
    fn from(message: &Message) -> Self {
        message.clone()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Content::Text(text) => f.debug_tuple("Text").field(&text.as_str()).finish(),
            Content::Binary(bytes) => f.debug_tuple("Binary").field(bytes).finish(),
        }
    }
}
