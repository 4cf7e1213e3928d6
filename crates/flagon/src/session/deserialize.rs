//! From values of a session to types that serde knows.

use std::{collections::btree_map, slice, time::UNIX_EPOCH};

use serde::{
    de::{
        self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, MapDeserializer, StrDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::Error;

use super::{
    date,
    serialize::{TIME, TIME_NANOSECONDS, TIME_SECONDS},
    value::SessionValue,
};

/// Gives a value to whoever asks for it.
#[derive(Clone, Copy)]
pub(super) struct FromValue<'de>(pub(super) &'de SessionValue);

impl<'de> Deserializer<'de> for FromValue<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            SessionValue::Null => visitor.visit_unit(),
            SessionValue::Bool(value) => visitor.visit_bool(*value),
            SessionValue::Integer(number) => match (i64::try_from(*number), u64::try_from(*number)) {
                (Ok(number), _) => visitor.visit_i64(number),
                (_, Ok(number)) => visitor.visit_u64(number),
                _ => visitor.visit_i128(*number),
            },
            SessionValue::LongInteger(text) | SessionValue::Text(text) | SessionValue::Markup(text) => {
                visitor.visit_borrowed_str(text)
            }
            SessionValue::Float(number) => visitor.visit_f64(*number),
            SessionValue::Bytes(bytes) => visitor.visit_borrowed_bytes(bytes),
            SessionValue::Uuid(id) => visitor.visit_string(id.to_string()),
            SessionValue::Time(time) => visitor.visit_string(date::write(*time)),
            SessionValue::List(items) | SessionValue::Tuple(items) => visitor.visit_seq(Items(items.iter())),
            SessionValue::Map(map) => visitor.visit_map(Entries { left: map.iter(), value: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            SessionValue::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            SessionValue::Time(time) if name == TIME => {
                let since = time.duration_since(UNIX_EPOCH).map_err(de::Error::custom)?;
                let fields = [(TIME_SECONDS, since.as_secs()), (TIME_NANOSECONDS, 0)];
                visitor.visit_map(MapDeserializer::<_, Error>::new(fields.into_iter()))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            SessionValue::Text(variant) => visitor.visit_enum(StrDeserializer::<Error>::new(variant)),
            SessionValue::Map(map) => {
                visitor.visit_enum(MapAccessDeserializer::new(Entries { left: map.iter(), value: None }))
            }
            _ => Err(de::Error::custom("a variant is text or an object of one name")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

struct Items<'de>(slice::Iter<'de, SessionValue>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.next().map(|item| seed.deserialize(FromValue(item))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Entries<'de> {
    left: btree_map::Iter<'de, String, SessionValue>,
    value: Option<&'de SessionValue>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((key, value)) = self.left.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(de::value::BorrowedStrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(FromValue(self.value.take().unwrap_or(&SessionValue::Null)))
    }
}
