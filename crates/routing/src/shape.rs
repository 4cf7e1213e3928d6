//! The look of a variable's value, which decides what rule is found.
//!
//! In: one candidate text. Out: whether it fits. Never: asks for a number's limits; they come after the rule.

use std::sync::Arc;

use crate::{
    Arguments, Converter, Reach,
    converter::{Length, Sign},
};

/// What a text must look like to be a variable's value; decides which rule is found.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    String(Length),
    Int(Sign),
    Float(Sign),
    Path,
    Any(Box<[Box<str>]>),
    Uuid,
    Own(Box<str>, Arguments, Arc<dyn Converter>),
}

impl PartialEq for Shape {
    /// Whether two rules can share a branch of the tree.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Shape::String(a), Shape::String(b)) => a == b,
            (Shape::Int(a), Shape::Int(b)) | (Shape::Float(a), Shape::Float(b)) => a == b,
            (Shape::Path, Shape::Path) | (Shape::Uuid, Shape::Uuid) => true,
            (Shape::Any(a), Shape::Any(b)) => a == b,
            (Shape::Own(a, with_a, _), Shape::Own(b, with_b, _)) => a == b && with_a == with_b,
            _ => false,
        }
    }
}

impl Shape {
    pub(crate) fn weight(&self) -> i32 {
        match self {
            Shape::Int(_) | Shape::Float(_) => 50,
            Shape::String(_) | Shape::Any(_) | Shape::Uuid => 100,
            Shape::Path => 200,
            Shape::Own(_, _, converter) => converter.weight(),
        }
    }

    pub(crate) fn reach(&self) -> Reach {
        match self {
            Shape::Path => Reach::Slashes,
            Shape::Own(_, _, converter) => converter.reach(),
            _ => Reach::Segment,
        }
    }

    /// Whether `text` is a value; unless the shape reaches across slashes, `text` has none.
    pub(crate) fn accepts(&self, text: &str) -> bool {
        match self {
            Shape::String(Length::Between(1, None)) => !text.is_empty(),
            Shape::String(Length::Between(min, max)) => {
                let length = text.chars().count();
                length >= *min && max.is_none_or(|max| length <= max)
            }
            Shape::String(Length::Exactly(wanted)) => text.chars().count() == *wanted,
            Shape::Int(sign) => is_digits(unsigned(text, *sign)),
            Shape::Float(sign) => unsigned(text, *sign)
                .split_once('.')
                .is_some_and(|(whole, fraction)| is_digits(whole) && is_digits(fraction)),
            Shape::Path => is_path(text),
            Shape::Any(items) => items.iter().any(|item| **item == *text),
            Shape::Uuid => is_uuid(text.as_bytes()),
            Shape::Own(_, _, converter) => converter.matches(text),
        }
    }
}

fn unsigned(text: &str, sign: Sign) -> &str {
    match sign {
        Sign::Signed => text.strip_prefix('-').unwrap_or(text),
        Sign::Unsigned => text,
    }
}

pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// As Werkzeug's: does not begin with a slash, and no line feed after the first character.
fn is_path(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first != '/')
        && memchr::memchr(b'\n', characters.as_str().as_bytes()).is_none()
}

pub(crate) fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
