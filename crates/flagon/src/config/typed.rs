//! From a tree of nodes to a type, by serde.
//!
//! In: a [`Node`]. Out: any `Deserialize` type. A key that the type does not have is refused with its source and its
//! nearest known neighbour; a value of another type with its source, its path and what was expected.
//! Variables have no types of their own: they take the one that is asked for.

use std::{
    cell::RefCell,
    collections::{BTreeMap, btree_map},
    fmt, slice,
};

use serde::de::{
    self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
    value::MapAccessDeserializer,
};

use super::{
    error::ConfigError,
    nearest::nearest,
    node::{Node, Value, join},
    secret::masked,
    source::Source,
};

/// Makes a `T` of `node`, which stands at `path`.
pub(super) fn typed<'de, T: de::Deserialize<'de>>(node: &'de Node, path: &str) -> Result<T, ConfigError> {
    let unknown = RefCell::default();
    let made = T::deserialize(Place::new(node, path.to_owned(), &unknown));
    let mut problems = unknown.into_inner();
    match made {
        Ok(made) if problems.is_empty() => Ok(made),
        Ok(_) => Err(ConfigError::new(problems)),
        Err(mismatch) => {
            problems.push(mismatch.describe(path, &node.source).message);
            Err(ConfigError::new(problems))
        }
    }
}

/// A value that is not what was asked for.
#[derive(Debug)]
struct Mismatch {
    message: String,
    found: Option<String>,
    is_described: bool,
}

impl Mismatch {
    fn new(message: String, found: Option<String>) -> Self {
        Self { message, found, is_described: false }
    }

    /// Adds the place, once: the innermost knows best.
    fn describe(self, path: &str, source: &Source) -> Self {
        if self.is_described {
            return self;
        }
        let key = if path.is_empty() { String::new() } else { format!("`{path}` ") };
        let found =
            self.found.map(|found| format!(", but it is {}", masked(path, &found))).unwrap_or_default();
        let from = if *source == Source::Default { String::new() } else { format!("{source}: ") };
        Self { message: format!("{from}{key}{}{found}", self.message), found: None, is_described: true }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Mismatch {}

impl de::Error for Mismatch {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string(), None)
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(format!("must be {}", in_words(&expected.to_string())), Some(found_in_words(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let expected: Vec<_> = expected.iter().map(|known| format!("{known:?}")).collect();
        Self::new(format!("must be one of {}", expected.join(", ")), Some(format!("{variant:?}")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("has no `{field}`, which is needed"), None)
    }
}

/// What serde calls a type, as a person would.
fn in_words(expected: &str) -> String {
    let range = |least: i128, most: i128| format!("a whole number from {least} to {most}");
    match expected {
        "u8" => range(0, u8::MAX.into()),
        "u16" => range(0, u16::MAX.into()),
        "u32" => range(0, u32::MAX.into()),
        "i8" => range(i8::MIN.into(), i8::MAX.into()),
        "i16" => range(i16::MIN.into(), i16::MAX.into()),
        "i32" => range(i32::MIN.into(), i32::MAX.into()),
        "u64" | "usize" => "a whole number that is not negative".into(),
        "i64" | "isize" => "a whole number".into(),
        "f32" | "f64" => "a number".into(),
        "a boolean" => "true or false".into(),
        "a string" => "text".into(),
        "a sequence" => "a list".into(),
        "a map" => "a table".into(),
        other if other.starts_with("a nonzero u") => "a whole number from 1".into(),
        other => other.into(),
    }
}

fn found_in_words(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => value.to_string(),
        Unexpected::Signed(number) => number.to_string(),
        Unexpected::Unsigned(number) => number.to_string(),
        Unexpected::Float(number) => number.to_string(),
        Unexpected::Str(text) => format!("{text:?}"),
        Unexpected::Map => "a table".into(),
        Unexpected::Seq => "a list".into(),
        other => other.to_string(),
    }
}

/// A node on its way into a type.
#[derive(Clone)]
struct Place<'de, 'u> {
    given: Given<'de>,
    source: &'de Source,
    path: String,
    unknown: &'u RefCell<Vec<String>>,
}

/// What a node says: a variable's words, which may also be one item of a list, or a value with a type.
#[derive(Clone, Copy)]
enum Given<'de> {
    Words(&'de str),
    Value(&'de Value),
}

impl<'de, 'u> Place<'de, 'u> {
    fn new(node: &'de Node, path: String, unknown: &'u RefCell<Vec<String>>) -> Self {
        let given = match &node.value {
            Value::Words(words) => Given::Words(words.trim()),
            value => Given::Value(value),
        };
        Self { given, source: &node.source, path, unknown }
    }
}

impl<'de> Place<'de, '_> {
    fn found(&self) -> Unexpected<'de> {
        match self.given {
            Given::Words(words) => Unexpected::Str(words),
            Given::Value(Value::Text(text) | Value::Words(text)) => Unexpected::Str(text),
            Given::Value(Value::Table(_)) => Unexpected::Map,
            Given::Value(Value::List(_)) => Unexpected::Seq,
            Given::Value(Value::Boolean(value)) => Unexpected::Bool(*value),
            Given::Value(Value::Integer(number)) => Unexpected::Signed(*number),
            Given::Value(Value::Float(number)) => Unexpected::Float(*number),
        }
    }

    /// Visits the value as the type that it has; of a variable, as the type that it looks like.
    fn visit<V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.given {
            Given::Value(Value::Table(table)) => visitor.visit_map(Entries::new(self, table)),
            Given::Value(Value::List(list)) => {
                visitor.visit_seq(Items { of: self, left: list.iter(), index: 0 })
            }
            Given::Value(Value::Boolean(value)) => visitor.visit_bool(*value),
            Given::Value(Value::Integer(number)) => visitor.visit_i64(*number),
            Given::Value(Value::Float(number)) => visitor.visit_f64(*number),
            Given::Value(Value::Text(text) | Value::Words(text)) => visitor.visit_borrowed_str(text),
            Given::Words(words) => match truth(words) {
                Some(value) => visitor.visit_bool(value),
                None if words.parse::<f64>().is_ok() => self.visit_number(visitor),
                None => visitor.visit_borrowed_str(words),
            },
        }
    }

    /// Visits a variable as the number that is asked for.
    fn visit_number<V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Mismatch> {
        let Given::Words(words) = self.given else { return self.visit(visitor) };
        if let Ok(number) = words.parse::<u64>() {
            return visitor.visit_u64(number);
        }
        if let Ok(number) = words.parse::<i64>() {
            return visitor.visit_i64(number);
        }
        match words.parse::<f64>() {
            Ok(number) => visitor.visit_f64(number),
            Err(_) => Err(de::Error::invalid_type(self.found(), &visitor)),
        }
    }

    /// Reports keys that the type does not have, and goes on.
    fn refuse_unknown(&self, fields: &'static [&'static str]) {
        let Given::Value(Value::Table(table)) = self.given else { return };
        for (key, node) in table.iter().filter(|(key, _)| !fields.contains(&key.as_str())) {
            let known = fields.iter().copied().chain(self.path.is_empty().then_some("app"));
            let advice = match nearest(key, known) {
                Some(near) => format!("; did you mean `{}`?", join(&self.path, near)),
                None if self.path.is_empty() => "; an app's own values stand under `app`".to_owned(),
                None => format!("; known are {}", fields.join(", ")),
            };
            let mut source = &node.source;
            node.leaves("", &mut |_, leaf| {
                if *source == Source::Default {
                    source = leaf; // a table that variables have made has no place of its own
                }
            });
            let key = join(&self.path, key);
            self.unknown
                .borrow_mut()
                .push(format!("{source}: `{key}` is no key of the configuration{advice}"));
        }
    }

    fn described<T>(&self, result: Result<T, Mismatch>) -> Result<T, Mismatch> {
        result.map_err(|mismatch| mismatch.describe(&self.path, self.source))
    }
}

fn truth(words: &str) -> Option<bool> {
    match words.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

macro_rules! numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            self.described(self.visit_number(visitor))
        })*
    };
}

macro_rules! texts {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            self.described(match self.given {
                Given::Words(words) => visitor.visit_borrowed_str(words),
                Given::Value(_) => self.visit(visitor),
            })
        })*
    };
}

impl<'de> Deserializer<'de> for Place<'de, '_> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.described(self.visit(visitor))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let value = match self.given {
            Given::Words("1") => Some(true),
            Given::Words("0") => Some(false),
            Given::Words(words) => truth(words),
            Given::Value(Value::Boolean(value)) => Some(*value),
            Given::Value(_) => None,
        };
        self.described(match value {
            Some(value) => visitor.visit_bool(value),
            None => Err(de::Error::invalid_type(self.found(), &visitor)),
        })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    /// A variable's list is parted by commas.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let Given::Words(words) = self.given else { return self.deserialize_any(visitor) };
        let item = |given| Place { given: Given::Words(given), ..self.clone() };
        let items = words.split(',').map(str::trim).filter(|item| !item.is_empty()).map(item);
        self.described(visitor.visit_seq(de::value::SeqDeserializer::new(items)))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.refuse_unknown(fields);
        self.deserialize_map(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.described(match self.given {
            Given::Value(Value::Table(table)) => visitor.visit_map(Entries::new(&self, table)),
            _ => Err(de::Error::invalid_type(self.found(), &"a table")),
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.described(match self.given {
            Given::Words(text) => visitor.visit_enum(text.into_deserializer()),
            Given::Value(Value::Text(text)) => visitor.visit_enum(text.as_str().into_deserializer()),
            Given::Value(Value::Table(table)) => {
                visitor.visit_enum(MapAccessDeserializer::new(Entries::new(&self, table)))
            }
            Given::Value(_) => Err(de::Error::invalid_type(self.found(), &"text")),
        })
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16
        deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64
    }

    texts! { deserialize_str deserialize_string deserialize_char deserialize_identifier }

    serde::forward_to_deserialize_any! { bytes byte_buf unit unit_struct tuple_struct ignored_any }
}

struct Entries<'a, 'de, 'u> {
    of: &'a Place<'de, 'u>,
    left: btree_map::Iter<'de, String, Node>,
    next: Option<(&'de str, &'de Node)>,
}

impl<'a, 'de, 'u> Entries<'a, 'de, 'u> {
    fn new(of: &'a Place<'de, 'u>, table: &'de BTreeMap<String, Node>) -> Self {
        Self { of, left: table.iter(), next: None }
    }
}

impl<'de> MapAccess<'de> for Entries<'_, 'de, '_> {
    type Error = Mismatch;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Mismatch> {
        let Some((key, node)) = self.left.next() else { return Ok(None) };
        self.next = Some((key, node));
        seed.deserialize(de::value::BorrowedStrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Mismatch> {
        let (key, node) = self.next.take().expect("serde asks for a key before its value");
        let place = Place::new(node, join(&self.of.path, key), self.of.unknown);
        place.clone().described(seed.deserialize(place))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left.len())
    }
}

struct Items<'a, 'de, 'u> {
    of: &'a Place<'de, 'u>,
    left: slice::Iter<'de, Node>,
    index: usize,
}

impl<'de> SeqAccess<'de> for Items<'_, 'de, '_> {
    type Error = Mismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Mismatch> {
        let Some(node) = self.left.next() else { return Ok(None) };
        let place = Place::new(node, format!("{}[{}]", self.of.path, self.index), self.of.unknown);
        self.index += 1;
        place.clone().described(seed.deserialize(place)).map(Some)
    }
}

impl<'de> IntoDeserializer<'de, Mismatch> for Place<'de, '_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
