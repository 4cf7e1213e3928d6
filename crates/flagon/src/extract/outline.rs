//! The fields of a form, read off the type that it fills.
//!
//! In: a type that serde reads. Out: its fields by name, with what their types take. Never: a value of it.

use std::fmt;

use serde::{
    Deserializer,
    de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};

use super::text;

/// The fields of a type, in its order.
pub(crate) type Outline = Vec<(&'static str, Shape)>;

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Text, as long as is allowed anyway.
    Text,
    /// Text of at most so many characters.
    Bounded(usize),
    /// Whole numbers between the two.
    Integer(i128, i128),
    /// Anything else.
    Other,
}

/// The fields of `T`; none when it is no struct, or has fields that are flattened into it.
pub(crate) fn outline<T: DeserializeOwned>() -> Outline {
    let mut names: &'static [&'static str] = &[];
    let _ = T::deserialize(Names(&mut names));
    let shape = |name: &&'static str| {
        let mut shape = Shape::Other;
        let _ = T::deserialize(One { name, shape: &mut shape });
        (*name, shape)
    };
    names.iter().map(shape).collect()
}

/// What ends each look at a type.
#[derive(Debug)]
struct Seen;

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the type was only looked at")
    }
}

impl std::error::Error for Seen {}

impl de::Error for Seen {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Takes down the names of the fields.
struct Names<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = Seen;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Seen> {
        Err(Seen)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Seen> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Seen> {
        *self.0 = fields;
        Err(Seen)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// Hands over one field, to see what it is read as.
struct One<'a> {
    name: &'static str,
    shape: &'a mut Shape,
}

impl<'de> Deserializer<'de> for One<'_> {
    type Error = Seen;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Seen> {
        visitor.visit_map(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Seen> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for One<'_> {
    type Error = Seen;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Seen> {
        let name: de::value::StrDeserializer<'_, Seen> = self.name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Seen> {
        seed.deserialize(Field(self.shape))
    }
}

/// The field's value, of which only the kind is seen.
struct Field<'a>(&'a mut Shape);

macro_rules! integers {
    ($($method:ident $type:ty)*) => {$(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Seen> {
            let number = |bound: $type| i128::try_from(bound).unwrap_or(i128::MAX);
            *self.0 = Shape::Integer(number(<$type>::MIN), number(<$type>::MAX));
            Err(Seen)
        }
    )*};
}

impl<'de> Deserializer<'de> for Field<'_> {
    type Error = Seen;

    integers! {
        deserialize_i8 i8
        deserialize_i16 i16
        deserialize_i32 i32
        deserialize_i64 i64
        deserialize_i128 i128
        deserialize_u8 u8
        deserialize_u16 u16
        deserialize_u32 u32
        deserialize_u64 u64
        deserialize_u128 u128
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Seen> {
        Err(Seen)
    }

    fn deserialize_str<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Seen> {
        *self.0 = Shape::Text;
        Err(Seen)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Seen> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Seen> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Seen> {
        if name == text::TOKEN {
            *self.0 = Shape::Bounded(text::bound());
            return Err(Seen);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Seen> {
        visitor.visit_seq(self)
    }

    forward_to_deserialize_any! {
        bool f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The first element of a list.
impl<'de> SeqAccess<'de> for Field<'_> {
    type Error = Seen;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Seen> {
        seed.deserialize(Field(self.0)).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{Shape, outline};
    use crate::Text;

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only its type is looked at")]
    struct Wrapped(Text<7>);

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only its fields are looked at")]
    struct Everything {
        text: String,
        title: Text<200>,
        #[serde(rename = "maybe-text")]
        maybe: Option<Text<5>>,
        tags: Vec<Text<30>>,
        wrapped: Wrapped,
        small: i8,
        large: Option<u64>,
        truth: bool,
        when: std::collections::BTreeMap<String, String>,
        #[serde(skip)]
        skipped: u8,
        last: Text<9>,
    }

    #[test]
    fn each_field_tells_what_it_takes() {
        let fields = outline::<Everything>();
        assert_eq!(
            fields,
            [
                ("text", Shape::Text),
                ("title", Shape::Bounded(200)),
                ("maybe-text", Shape::Bounded(5)),
                ("tags", Shape::Bounded(30)),
                ("wrapped", Shape::Bounded(7)),
                ("small", Shape::Integer(-128, 127)),
                ("large", Shape::Integer(0, u64::MAX.into())),
                ("truth", Shape::Other),
                ("when", Shape::Other),
                ("last", Shape::Bounded(9)),
            ]
        );
        assert_eq!(outline::<String>(), []);
        assert_eq!(outline::<Vec<(String, String)>>(), []);
    }
}
