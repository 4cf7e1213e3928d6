//! From types that serde knows to values of a session.

use std::{
    collections::BTreeMap,
    time::{Duration, UNIX_EPOCH},
};

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::Error;

use super::value::SessionValue;

/// Makes a [`SessionValue`] of what it is given.
pub(super) struct ToValue;

type Made = Result<SessionValue, Error>;

macro_rules! integers {
    ($($method:ident: $type:ty)*) => {
        $(fn $method(self, value: $type) -> Made {
            Ok(SessionValue::Integer(value.into()))
        })*
    };
}

impl Serializer for ToValue {
    type Ok = SessionValue;
    type Error = Error;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    integers! {
        serialize_i8: i8 serialize_i16: i16 serialize_i32: i32 serialize_i64: i64 serialize_i128: i128
        serialize_u8: u8 serialize_u16: u16 serialize_u32: u32 serialize_u64: u64
    }

    fn serialize_u128(self, value: u128) -> Made {
        let long = |_| SessionValue::LongInteger(value.to_string());
        Ok(value.try_into().map_or_else(long, SessionValue::Integer))
    }

    fn serialize_bool(self, value: bool) -> Made {
        Ok(SessionValue::Bool(value))
    }

    fn serialize_f32(self, value: f32) -> Made {
        Ok(SessionValue::Float(value.into()))
    }

    fn serialize_f64(self, value: f64) -> Made {
        Ok(SessionValue::Float(value))
    }

    fn serialize_char(self, value: char) -> Made {
        Ok(SessionValue::Text(value.into()))
    }

    fn serialize_str(self, value: &str) -> Made {
        Ok(SessionValue::Text(value.to_owned()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Made {
        Ok(SessionValue::Bytes(value.to_owned()))
    }

    fn serialize_none(self) -> Made {
        Ok(SessionValue::Null)
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Made {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Made {
        Ok(SessionValue::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Made {
        Ok(SessionValue::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Made {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> Made {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Made {
        Ok(of_variant(Some(variant), value.serialize(self)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, Error> {
        Ok(Items { items: Vec::new(), variant: None })
    }

    fn serialize_tuple(self, _: usize) -> Result<Items, Error> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items, Error> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items, Error> {
        Ok(Items { items: Vec::new(), variant: Some(variant) })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, Error> {
        Ok(Entries { map: BTreeMap::new(), key: String::new(), name: "", variant: None })
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Entries, Error> {
        Ok(Entries { map: BTreeMap::new(), key: String::new(), name, variant: None })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Entries, Error> {
        Ok(Entries { map: BTreeMap::new(), key: String::new(), name: "", variant: Some(variant) })
    }
}

/// What stands beside the name of its variant, as in JSON.
fn of_variant(variant: Option<&'static str>, value: SessionValue) -> SessionValue {
    match variant {
        Some(variant) => SessionValue::Map([(variant.to_owned(), value)].into()),
        None => value,
    }
}

/// The items of a list or a tuple.
pub(super) struct Items {
    items: Vec<SessionValue>,
    variant: Option<&'static str>,
}

impl SerializeSeq for Items {
    type Ok = SessionValue;
    type Error = Error;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Error> {
        self.items.push(value.serialize(ToValue)?);
        Ok(())
    }

    fn end(self) -> Made {
        Ok(SessionValue::List(self.items))
    }
}

macro_rules! tuples {
    ($($name:ident::$method:ident)*) => {
        $(impl $name for Items {
            type Ok = SessionValue;
            type Error = Error;

            fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Error> {
                SerializeSeq::serialize_element(self, value)
            }

            fn end(self) -> Made {
                Ok(of_variant(self.variant, SessionValue::Tuple(self.items)))
            }
        })*
    };
}

tuples! {
    SerializeTuple::serialize_element
    SerializeTupleStruct::serialize_field
    SerializeTupleVariant::serialize_field
}

/// The entries of a map or a struct.
pub(super) struct Entries {
    map: BTreeMap<String, SessionValue>,
    key: String,
    name: &'static str,
    variant: Option<&'static str>,
}

impl SerializeMap for Entries {
    type Ok = SessionValue;
    type Error = Error;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Error> {
        self.key = match key.serialize(ToValue)? {
            SessionValue::Text(text) | SessionValue::LongInteger(text) => text,
            SessionValue::Integer(number) => number.to_string(),
            SessionValue::Bool(value) => value.to_string(),
            _ => return Err(Error::custom("the names of a map in a session are text or numbers")),
        };
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Error> {
        self.map.insert(std::mem::take(&mut self.key), value.serialize(ToValue)?);
        Ok(())
    }

    fn end(self) -> Made {
        SerializeStruct::end(self)
    }
}

impl SerializeStruct for Entries {
    type Ok = SessionValue;
    type Error = Error;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.map.insert(key.to_owned(), value.serialize(ToValue)?);
        Ok(())
    }

    fn end(self) -> Made {
        if self.name == TIME
            && let Some(SessionValue::Integer(seconds)) = self.map.get(TIME_SECONDS)
            && let Some(time) =
                u64::try_from(*seconds).ok().and_then(|it| UNIX_EPOCH.checked_add(Duration::from_secs(it)))
        {
            return Ok(SessionValue::Time(time));
        }
        Ok(of_variant(self.variant, SessionValue::Map(self.map)))
    }
}

impl SerializeStructVariant for Entries {
    type Ok = SessionValue;
    type Error = Error;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        SerializeStruct::serialize_field(self, key, value)
    }

    fn end(self) -> Made {
        SerializeStruct::end(self)
    }
}

/// What serde calls a point in time, and its fields.
pub(super) const TIME: &str = "SystemTime";
pub(super) const TIME_SECONDS: &str = "secs_since_epoch";
pub(super) const TIME_NANOSECONDS: &str = "nanos_since_epoch";
