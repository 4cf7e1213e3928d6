//! One text field of a form, read without taking the body from the view.
//!
//! In: a body that no one has read yet. Out: the field's value, if it stands within the first bytes; the body is then again as
//! it was. Never: reads more than `max_form_memory_size`, and nothing at all of what is no form.

use std::ops::ControlFlow;

use super::{
    form::{Encoding, content_type},
    multipart::{Event, Parser},
};
use crate::{context::Context, error::Result, multi_dict::MultiDict};

/// Longer values are not looked at.
const LONGEST: usize = 2048;

/// The value of the text field `name`, if the request sends a form and the field begins within the first
/// `max_form_memory_size` bytes.
pub(crate) async fn form_field(context: &Context, name: &str) -> Result<Option<String>> {
    let mut scan = match content_type(context) {
        Ok(Encoding::Urlencoded) => Scan::Urlencoded { name, pair: Vec::new() },
        Ok(Encoding::Multipart(boundary)) => match Parser::new(&boundary) {
            Ok(parser) => Scan::Multipart { name, parser: parser.into(), value: None },
            Err(_) => return Ok(None),
        },
        Err(_) => return Ok(None), // what is no form has no field; the view says so if it wants one
    };
    let most = context.app().config().max_form_memory_size;
    let mut found = None;
    let look = |bytes: &[u8]| match scan.feed(bytes) {
        ControlFlow::Break(value) => {
            found = value;
            ControlFlow::Break(())
        }
        ControlFlow::Continue(()) => ControlFlow::Continue(()),
    };
    context.request().look_ahead(most, look).await?;
    Ok(found.or_else(|| scan.end()))
}

/// What has been seen of the form.
enum Scan<'a> {
    Urlencoded { name: &'a str, pair: Vec<u8> },
    Multipart { name: &'a str, parser: Box<Parser>, value: Option<Vec<u8>> },
}

impl Scan<'_> {
    /// Looks at the next bytes; breaks with the value, or without one when there can't be any more.
    fn feed(&mut self, bytes: &[u8]) -> ControlFlow<Option<String>> {
        match self {
            Scan::Urlencoded { name, pair } => {
                let mut pieces = bytes.split(|byte| *byte == b'&').peekable();
                while let Some(piece) = pieces.next() {
                    let room = (LONGEST + 1).saturating_sub(pair.len());
                    pair.extend_from_slice(&piece[..piece.len().min(room)]);
                    if pieces.peek().is_some() {
                        if let Some(value) = of_pair(pair, name) {
                            return ControlFlow::Break(Some(value));
                        }
                        pair.clear();
                    }
                }
                ControlFlow::Continue(())
            }
            Scan::Multipart { name, parser, value } => {
                parser.feed(bytes);
                loop {
                    match parser.next() {
                        Ok(Some(Event::Part(head))) => {
                            *value = (head.name == *name && head.filename.is_none()).then(Vec::new);
                        }
                        Ok(Some(Event::Data(data))) => match value {
                            Some(value) if value.len() + data.len() <= LONGEST => value.extend(data),
                            _ => *value = None,
                        },
                        Ok(Some(Event::End)) => {
                            if let Some(value) = value.take() {
                                return ControlFlow::Break(String::from_utf8(value).ok());
                            }
                        }
                        Ok(None) => return ControlFlow::Continue(()),
                        Err(_) => return ControlFlow::Break(None),
                    }
                }
            }
        }
    }

    /// What the end of the body ends as well.
    fn end(&self) -> Option<String> {
        match self {
            Scan::Urlencoded { name, pair } => of_pair(pair, name),
            Scan::Multipart { .. } => None,
        }
    }
}

fn of_pair(pair: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(pair).ok().filter(|text| text.len() <= LONGEST)?;
    MultiDict::from_query(text).get(name).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn in_pieces(mut scan: Scan<'_>, body: &[u8], length: usize) -> Option<String> {
        for piece in body.chunks(length) {
            if let ControlFlow::Break(value) = scan.feed(piece) {
                return value;
            }
        }
        scan.end()
    }

    fn urlencoded(body: &str, length: usize) -> Option<String> {
        in_pieces(Scan::Urlencoded { name: "csrf_token", pair: Vec::new() }, body.as_bytes(), length)
    }

    fn multipart(body: &str, length: usize) -> Option<String> {
        let parser = Parser::new("x").unwrap().into();
        in_pieces(Scan::Multipart { name: "csrf_token", parser, value: None }, body.as_bytes(), length)
    }

    #[test]
    fn a_field_is_found_wherever_it_is_cut() {
        let long = format!("a={}&csrf_token=ok&b", "x".repeat(5000));
        for length in [1, 2, 3, 7, 100, 10_000] {
            assert_eq!(urlencoded("text=a%26b&csrf%5Ftoken=a.b%2Dc&z=1", length).as_deref(), Some("a.b-c"));
            assert_eq!(urlencoded("csrf_token=a", length).as_deref(), Some("a"));
            assert_eq!(urlencoded("xcsrf_token=a&csrf_tokens=b", length), None);
            assert_eq!(urlencoded(&format!("csrf_token={}", "a".repeat(3000)), length), None);
            assert_eq!(urlencoded(&long, length).as_deref(), Some("ok"));
            let file =
                "--x\r\nContent-Disposition: form-data; name=\"csrf_token\"; filename=\"f\"\r\n\r\nno\r\n";
            let other = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ncsrf_token\r\n";
            let token = "--x\r\nContent-Disposition: form-data; name=\"csrf_token\"\r\n\r\na.b\r\n--x--\r\n";
            assert_eq!(multipart(&format!("{file}{other}{token}"), length).as_deref(), Some("a.b"));
            assert_eq!(multipart(&format!("{file}{other}--x--"), length), None);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at(bytes in prop::collection::vec(any::<u8>(), 0..300), length in 1_usize..40) {
            let parser = Parser::new("x").unwrap().into();
            let _ = in_pieces(Scan::Multipart { name: "a", parser, value: None }, &bytes, length);
            let _ = in_pieces(Scan::Urlencoded { name: "a", pair: Vec::new() }, &bytes, length);
        }
    }
}
