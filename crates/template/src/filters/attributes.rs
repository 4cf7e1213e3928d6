//! `xmlattr`: a map as the attributes of a tag.

use std::{fmt::Write as _, sync::Arc};

use minijinja::{Error, ErrorKind, Value};

use crate::{
    escape::{html, url},
    position::{Meaning, meaning},
    safe::{Kind, Trusted},
};

/// `xmlattr`: a map as attributes; none and undefined are left out.
pub(super) fn xml_attributes(map: &Value, autospace: Option<bool>) -> Result<Value, Error> {
    if map.downcast_object_ref::<Trusted>().is_some_and(|trusted| trusted.kind == Kind::Attr) {
        return Ok(map.clone());
    }
    let mut text = String::new();
    for name in map.try_iter()? {
        let value = map.get_item(&name)?;
        if value.is_none() || value.is_undefined() {
            continue;
        }
        let (name, value) = (name.to_string(), value.to_string());
        let value = match meaning(&name) {
            _ if !is_name(&name) => return Err(refused(&name, "is no name of an attribute")),
            Meaning::Code => return Err(refused(&name, "holds code: write it in the template")),
            Meaning::Url => url::checked(&value).into(),
            Meaning::Urls(separator) => url::checked_set(&value, separator),
            Meaning::Text => value.as_str().into(),
        };
        write!(text, " {name}=\"").and_then(|()| html::write_text(&mut text, &value)).map_err(Error::from)?;
        text.push('"');
    }
    let text = if autospace == Some(false) { text.trim_start().to_owned() } else { text };
    Ok(Trusted::value(Kind::Attr, Arc::from(text)))
}

/// Whether it cannot end the tag, or begin a value.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || "/>='\"<".contains(c))
}

fn refused(name: &str, what: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("xmlattr: {name:?} {what}"))
}
