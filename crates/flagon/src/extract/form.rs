//! The form in a request's body as a type.
//!
//! In: `application/x-www-form-urlencoded` or `multipart/form-data`. Out: [`Form`]. Never: keeps more in memory
//! than the limits of the app's configuration allow, however long the body may be.

use std::ops::{Deref, DerefMut};

use bytes::BytesMut;
use http::header;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;

use super::{
    argument::{Argument, FromRequest, refuse, shown},
    coding,
    media_type::Parameterized,
    multipart::{Event, Head, Malformed, Parser},
    pairs::{Entry, Pairs, from_pairs},
    upload::Arriving,
    urlencoded::{self, Refusal},
};
use crate::{
    config::Config,
    context::Context,
    error::{Error, Result},
};

/// How many files a form may have.
const FILES: usize = 100;

/// The form that a request sends, read into a `T`: urlencoded, or multipart with
/// [files](super::UploadedFile).
///
/// Fields are read as [`Query`](super::Query) reads them. A form has at most `max_form_parts` fields (1000) and 100
/// files, no text is longer than `max_form_field_length` (20,000 characters) unless its type is [`Text`](super::Text), and the texts of a multipart one at most `max_form_memory_size` (512 KiB); the whole is limited by
/// `max_content_length`, or the view's `max_body`. `Option<Form<T>>` is `None` when there is no body.
///
/// It refuses with 415 another content type or charset, with 400 what is malformed or not UTF-8, with 413 what
/// is too much, and with 422 what `T` can't hold, naming the field.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// #[derive(Deserialize)]
/// struct NewPost {
///     title: String,
///     #[serde(default)]
///     tag: Vec<String>,
/// }
///
/// #[post("/posts")]
/// async fn create(post: Form<NewPost>) -> (String, u16) {
///     (format!("{} {:?}", post.title, post.tag), 201)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequest for Form<T> {
    async fn from_request(context: &Context, _: Argument) -> Result<Self> {
        let pairs = match content_type(context)? {
            Encoding::Urlencoded => urlencoded(&context.request().data().await?, context.app().config())?,
            Encoding::Multipart(boundary) => multipart(context, &boundary).await?,
        };
        let longest = context.app().config().max_form_field_length;
        from_pairs(pairs, longest).map(Self).map_err(|error| refuse(422, "form", error.field, error.problem))
    }

    async fn from_request_if_present(context: &Context, argument: Argument) -> Result<Option<Self>> {
        if !context.request().headers().contains_key(header::CONTENT_TYPE)
            && context.request().data().await?.is_empty()
        {
            return Ok(None);
        }
        Self::from_request(context, argument).await.map(Some)
    }
}

impl<T> Deref for Form<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Form<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// How the form is encoded.
pub(super) enum Encoding {
    Urlencoded,
    Multipart(String),
}

pub(super) fn content_type(context: &Context) -> Result<Encoding> {
    const EXPECTED: &str = "expected `application/x-www-form-urlencoded` or `multipart/form-data`, got";
    coding::check(context)?;
    let refuse = |status, problem: String| refuse(status, "header", "content-type", problem);
    let Some(value) = context.request().headers().get(header::CONTENT_TYPE) else {
        return Err(refuse(415, format!("{EXPECTED} none")));
    };
    let text = value.to_str().map_err(|_| refuse(400, "expected ASCII".to_owned()))?;
    let parsed = Parameterized::parse(text)
        .map_err(|_| refuse(400, format!("the parameters are malformed in {}", shown("", text))))?;
    if let Some(charset) = parsed.foreign_charset() {
        return Err(refuse(415, format!("expected the charset `utf-8`, got {}", shown("", charset))));
    }
    match parsed.value.as_str() {
        "application/x-www-form-urlencoded" => Ok(Encoding::Urlencoded),
        "multipart/form-data" => match parsed.get("boundary") {
            Some(boundary) => Ok(Encoding::Multipart(boundary.to_owned())),
            None => Err(refuse(400, Malformed::Boundary.problem().to_owned())),
        },
        other => Err(refuse(415, format!("{EXPECTED} {}", shown("", other)))),
    }
}

fn urlencoded(bytes: &[u8], config: &Config) -> Result<Pairs> {
    urlencoded::parse(bytes, config.max_form_parts).map_err(|refusal| match refusal {
        Refusal::TooMany(limit) => too_much("", format!("expected at most {limit} fields")),
        Refusal::Field(error) => refuse(400, "form", error.field, error.problem),
    })
}

fn too_much(field: &str, problem: String) -> Error {
    refuse(413, "form", field, problem)
}

/// Reads the parts as they arrive.
async fn multipart(context: &Context, boundary: &str) -> Result<Pairs> {
    let mut body = context.request().take_body();
    let malformed = |malformed: Malformed| refuse(400, "body", "", malformed.problem());
    let mut parser = Parser::new(boundary).map_err(malformed)?;
    let mut collected = Collected::new(context.app().config());
    while let Some(frame) = body.frame().await {
        let Ok(bytes) = frame?.into_data() else { continue };
        parser.feed(&bytes);
        while let Some(event) = parser.next().map_err(malformed)? {
            collected.take(event).await?;
        }
    }
    parser.end().map_err(malformed)?;
    Ok(collected.pairs)
}

/// The fields so far, and the one that is arriving.
struct Collected<'a> {
    config: &'a Config,
    pairs: Pairs,
    files: usize,
    text: usize,
    current: Option<(String, Current)>,
}

enum Current {
    Text(BytesMut),
    File(Arriving),
}

impl<'a> Collected<'a> {
    fn new(config: &'a Config) -> Self {
        Self { config, pairs: Pairs::new(), files: 0, text: 0, current: None }
    }

    async fn take(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Part(head) => self.begin(head),
            Event::Data(bytes) => self.add(&bytes).await,
            Event::End => self.end().await,
        }
    }

    fn begin(&mut self, mut head: Head) -> Result<()> {
        let most = self.config.max_form_parts;
        if self.pairs.len() == most {
            return Err(too_much("", format!("expected at most {most} fields")));
        }
        self.count_text(head.name.len(), &head.name)?;
        let current = match head.filename.take() {
            Some(filename) => {
                self.files += 1;
                if self.files > FILES {
                    return Err(too_much(&head.name, format!("expected at most {FILES} files")));
                }
                Current::File(Arriving::new(filename, &head))
            }
            None => match &head.foreign_charset {
                Some(charset) => {
                    let problem = format!("expected the charset `utf-8`, got {}", shown("", charset));
                    return Err(refuse(415, "form", head.name, problem));
                }
                None => Current::Text(BytesMut::new()),
            },
        };
        self.current = Some((head.name, current));
        Ok(())
    }

    async fn add(&mut self, bytes: &[u8]) -> Result<()> {
        let Some((name, current)) = &mut self.current else { return Ok(()) };
        match current {
            Current::File(file) => Ok(file.write(bytes).await?),
            Current::Text(text) => {
                text.extend_from_slice(bytes);
                let name = name.clone();
                self.count_text(bytes.len(), &name)
            }
        }
    }

    async fn end(&mut self) -> Result<()> {
        let Some((name, current)) = self.current.take() else { return Ok(()) };
        let entry = match current {
            Current::File(file) => Entry::File(file.finish().await?),
            Current::Text(text) => match String::from_utf8(text.into()) {
                Ok(text) => Entry::Text(text),
                Err(_) => return Err(refuse(400, "form", name, "the value is not UTF-8")),
            },
        };
        self.pairs.push((name, entry));
        Ok(())
    }

    fn count_text(&mut self, bytes: usize, name: &str) -> Result<()> {
        self.text += bytes;
        let most = self.config.max_form_memory_size;
        if self.text > most {
            return Err(too_much(
                name,
                format!(
                    "expected at most {most} bytes of text in the whole form; a longer one is sent as a file"
                ),
            ));
        }
        Ok(())
    }
}
