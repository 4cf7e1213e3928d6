//! Names and values of a query or a form, made into a user's type.
//!
//! In: [`Pairs`], in the order they came. Out: any `Deserialize`, or a [`FieldError`]. Never: knows how the
//! pairs were encoded.
//!
//! A name given several times fills a list (`Vec<T>`) and is refused where one value is meant. Text becomes
//! numbers, booleans (`true`, `on`, `1`; `false`, `off`, `0`), unit variants of an enum, and `None` of an
//! `Option` when it is empty, as the untouched field of an HTML form is.

use std::collections::HashMap;

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::StringDeserializer,
    },
    forward_to_deserialize_any,
};

use super::{
    argument::shown,
    field_error::FieldError,
    text::{self, too_long},
    upload::{self, UploadedFile},
};

/// Names and values, in the order they came.
pub(super) type Pairs = Vec<(String, Entry)>;

/// One value of a form.
#[derive(Debug)]
pub(super) enum Entry {
    /// Text.
    Text(String),
    /// A file.
    File(UploadedFile),
}

/// Makes a `T` of `pairs`, none of which may be longer than `longest` unless its type says so.
pub(super) fn from_pairs<T: DeserializeOwned>(pairs: Pairs, longest: usize) -> Result<T, FieldError> {
    T::deserialize(Form { pairs, longest })
}

/// The whole form.
struct Form {
    pairs: Pairs,
    longest: usize,
}

impl<'de> Deserializer<'de> for Form {
    type Error = FieldError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_map(Fields::group(self.pairs, self.longest))
    }

    /// `Vec<(String, String)>`: each pair by itself.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        let longest = self.longest;
        let pairs = self.pairs.into_iter().map(|(name, entry)| Pair {
            name: Some(name),
            entry: Some(entry),
            longest,
        });
        visitor.visit_seq(Each(pairs))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        if self.pairs.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Each name once, with all its values.
struct Fields {
    groups: std::vec::IntoIter<(String, Vec<Entry>)>,
    current: Option<(String, Vec<Entry>)>,
    longest: usize,
}

impl Fields {
    fn group(pairs: Pairs, longest: usize) -> Self {
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut groups: Vec<(String, Vec<Entry>)> = Vec::new();
        for (name, entry) in pairs {
            if let Some(&place) = places.get(&name) {
                groups[place].1.push(entry);
            } else {
                places.insert(name.clone(), groups.len());
                groups.push((name, vec![entry]));
            }
        }
        Self { groups: groups.into_iter(), current: None, longest }
    }
}

impl<'de> MapAccess<'de> for Fields {
    type Error = FieldError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, FieldError> {
        self.current = self.groups.next();
        let Some((name, _)) = &self.current else { return Ok(None) };
        let key: StringDeserializer<FieldError> = name.clone().into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, FieldError> {
        let Some((name, entries)) = self.current.take() else {
            return Err(FieldError::custom("a value was asked for before its name"));
        };
        let read = seed.deserialize(Values { field: &name, entries, longest: self.longest });
        read.map_err(|error| error.within(&name))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.groups.len())
    }
}

/// The values of one name.
struct Values<'f> {
    field: &'f str,
    entries: Vec<Entry>,
    longest: usize,
}

impl Values<'_> {
    /// The only value.
    fn one(mut self) -> Result<Entry, FieldError> {
        match (self.entries.pop(), self.entries.len()) {
            (Some(entry), 0) => Ok(entry),
            (_, others) => {
                Err(FieldError::new(self.field, format!("given {} times, expected once", others + 1)))
            }
        }
    }

    fn text(self) -> Result<String, FieldError> {
        let (field, longest) = (self.field, self.longest);
        match self.one()? {
            Entry::Text(text) => match too_long(&text, longest) {
                Some(problem) => Err(FieldError::new(field, problem)),
                None => Ok(text),
            },
            Entry::File(_) => Err(FieldError::new(field, "expected text, got a file")),
        }
    }

    fn number<T: std::str::FromStr>(self, bounds: &str) -> Result<T, FieldError> {
        let field = self.field;
        let text = self.text()?;
        text.parse()
            .map_err(|_| FieldError::new(field, format!("expected {bounds}, got {}", shown(field, &text))))
    }

    /// What an untouched field of an HTML form sends.
    fn is_untouched(&self) -> bool {
        self.entries.iter().all(|entry| match entry {
            Entry::Text(text) => text.is_empty(),
            Entry::File(file) => file.is_untouched(),
        })
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $type:ty)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
            let bounds = format!("a whole number from {} to {}", <$type>::MIN, <$type>::MAX);
            visitor.$visit(self.number::<$type>(&bounds)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Values<'_> {
    type Error = FieldError;

    integers! {
        deserialize_i8 visit_i8 i8
        deserialize_i16 visit_i16 i16
        deserialize_i32 visit_i32 i32
        deserialize_i64 visit_i64 i64
        deserialize_i128 visit_i128 i128
        deserialize_u8 visit_u8 u8
        deserialize_u16 visit_u16 u16
        deserialize_u32 visit_u32 u32
        deserialize_u64 visit_u64 u64
        deserialize_u128 visit_u128 u128
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        if self.entries.len() > 1 {
            self.deserialize_seq(visitor)
        } else {
            visitor.visit_string(self.text()?)
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        let field = self.field;
        let text = self.text()?;
        match text.as_str() {
            "true" | "on" | "1" => visitor.visit_bool(true),
            "false" | "off" | "0" => visitor.visit_bool(false),
            other => Err(FieldError::new(
                field,
                format!("expected `true` or `false`, got {}", shown(field, other)),
            )),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        let number: Finite<f32> = self.number("a number")?;
        visitor.visit_f32(number.0)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        let number: Finite<f64> = self.number("a number")?;
        visitor.visit_f64(number.0)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_byte_buf(self.text()?.into_bytes())
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_char(self.number("one character")?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        if self.is_untouched() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        let (field, longest) = (self.field, self.longest);
        let chosen = self
            .entries
            .into_iter()
            .filter(|entry| !matches!(entry, Entry::File(file) if file.is_untouched()));
        visitor.visit_seq(Each(chosen.map(|entry| Values { field, entries: vec![entry], longest })))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, FieldError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        if name == text::TOKEN {
            return visitor.visit_newtype_struct(Self { longest: usize::MAX, ..self }); // its type says how long
        }
        if name != upload::TOKEN {
            return visitor.visit_newtype_struct(self);
        }
        let field = self.field;
        match self.one()? {
            Entry::File(file) if file.is_untouched() => {
                Err(FieldError::new(field, "expected a file, none was chosen"))
            }
            Entry::File(file) => upload::hand_over(file, || visitor.visit_unit()),
            Entry::Text(_) => Err(FieldError::new(
                field,
                "expected a file, got text: a form with files is sent as `multipart/form-data`",
            )),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        let variant: StringDeserializer<FieldError> = self.text()?.into_deserializer();
        visitor.visit_enum(variant)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_unit()
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        self.deserialize_string(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        self.deserialize_byte_buf(visitor)
    }

    forward_to_deserialize_any! { unit unit_struct map struct identifier }
}

/// A float that is a number: JSON has no other, and neither has a form.
struct Finite<T>(T);

macro_rules! finite {
    ($($float:ty)*) => {$(
        impl std::str::FromStr for Finite<$float> {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                text.parse().ok().filter(|number: &$float| number.is_finite()).map(Self).ok_or(())
            }
        }
    )*};
}
finite!(f32 f64);

/// The elements of a list, one after another.
struct Each<I>(I);

impl<'de, I, D> SeqAccess<'de> for Each<I>
where
    I: Iterator<Item = D>,
    D: Deserializer<'de, Error = FieldError>,
{
    type Error = FieldError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, FieldError> {
        self.0.next().map(|element| seed.deserialize(element)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        None // a peer chose it
    }
}

/// A name with its value, as a tuple of two.
struct Pair {
    name: Option<String>,
    entry: Option<Entry>,
    longest: usize,
}

impl<'de> SeqAccess<'de> for Pair {
    type Error = FieldError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, FieldError> {
        let next = self.name.take().map(Entry::Text).or_else(|| self.entry.take());
        let longest = self.longest;
        next.map(|entry| seed.deserialize(Values { field: "", entries: vec![entry], longest })).transpose()
    }
}

impl<'de> Deserializer<'de> for Pair {
    type Error = FieldError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_seq(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests;
