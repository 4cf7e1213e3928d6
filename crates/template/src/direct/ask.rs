//! Questions to a value, answered by its `Serialize` while it stays where it is.

use serde::{
    Serialize,
    ser::{Impossible, SerializeSeq, SerializeStruct, SerializeTuple, Serializer},
};

use crate::{context::Chain, escape, safe::SAFE};

use super::Slow;

/// Something that can be asked.
pub(super) trait Node {
    fn ask(&self, question: Question<'_>) -> Result<Answer, Slow>;
}

/// What is done with a value that was found.
pub(super) type Then<'q> = &'q mut dyn FnMut(&dyn Node) -> Result<Answer, Slow>;

/// What a value is asked.
pub(super) enum Question<'q> {
    /// Write yourself.
    Write(&'q mut String, Chain),
    /// Are you true, as Python sees it?
    Truth,
    /// Show this field.
    Field(&'q str, Then<'q>),
    /// Show each of what you hold.
    Each(Then<'q>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    True,
    False,
}

impl From<bool> for Answer {
    fn from(is: bool) -> Self {
        if is { Self::True } else { Self::False }
    }
}

/// A value of the program.
pub(super) struct Leaf<'v, T: ?Sized>(pub(super) &'v T);

impl<T: Serialize + ?Sized> Node for Leaf<'_, T> {
    fn ask(&self, question: Question<'_>) -> Result<Answer, Slow> {
        asked(self.0, question)
    }
}

fn asked<T: Serialize + ?Sized>(value: &T, question: Question<'_>) -> Result<Answer, Slow> {
    // These know of safety, which `Serialize` does not tell.
    if std::any::type_name::<T>().trim_start_matches('&').starts_with("minijinja::") {
        return Err(Slow);
    }
    value.serialize(Ask(question))
}

struct Ask<'q>(Question<'q>);

impl Ask<'_> {
    fn text(self, text: &str) -> Result<Answer, Slow> {
        match self.0 {
            Question::Write(out, chain) => {
                escape::write_str(out, chain, text)?;
                Ok(Answer::True)
            }
            Question::Truth => Ok((!text.is_empty()).into()),
            Question::Field(..) | Question::Each(_) => Err(Slow),
        }
    }

    fn integer(self, value: i128) -> Result<Answer, Slow> {
        match self.0 {
            Question::Write(out, chain) if chain.writes_numbers_as_they_are() => {
                write_integer(out, value);
                Ok(Answer::True)
            }
            Question::Truth => Ok((value != 0).into()),
            _ => Err(Slow),
        }
    }
}

/// Writes its digits, without what `Display` does for widths and signs.
fn write_integer(out: &mut String, value: i128) {
    let Ok(mut rest) = u64::try_from(value.unsigned_abs()) else { return }; // there is no wider number
    let mut digits = [b'0'; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] += u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push('-');
    }
    out.extend(digits[start..].iter().map(|digit| char::from(*digit)));
}

macro_rules! integers {
    ($($method:ident $type:ty),*) => {$(
        fn $method(self, value: $type) -> Result<Answer, Slow> {
            self.integer(value.into())
        }
    )*};
}

macro_rules! slow {
    ($($method:ident($($type:ty),*)),*) => {$(
        fn $method(self, $(_: $type),*) -> Result<Answer, Slow> {
            Err(Slow)
        }
    )*};
}

impl<'q> Serializer for Ask<'q> {
    type Ok = Answer;
    type Error = Slow;
    type SerializeSeq = Elements<'q>;
    type SerializeTuple = Elements<'q>;
    type SerializeStruct = Fields<'q>;
    type SerializeTupleStruct = Impossible<Answer, Slow>;
    type SerializeTupleVariant = Impossible<Answer, Slow>;
    type SerializeMap = Impossible<Answer, Slow>;
    type SerializeStructVariant = Impossible<Answer, Slow>;

    integers!(
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_u8 u8, serialize_u16 u16,
        serialize_u32 u32, serialize_u64 u64
    );
    slow!(
        serialize_f32(f32),
        serialize_f64(f64),
        serialize_char(char),
        serialize_bytes(&[u8]),
        serialize_unit_struct(&'static str)
    );

    fn serialize_bool(self, value: bool) -> Result<Answer, Slow> {
        match self.0 {
            Question::Truth => Ok(value.into()),
            _ => Err(Slow),
        }
    }

    fn serialize_str(self, text: &str) -> Result<Answer, Slow> {
        self.text(text)
    }

    fn serialize_none(self) -> Result<Answer, Slow> {
        self.serialize_bool(false)
    }

    fn serialize_unit(self) -> Result<Answer, Slow> {
        self.serialize_bool(false)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Answer, Slow> {
        asked(value, self.0)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Answer, Slow> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Answer, Slow> {
        if name == SAFE { Err(Slow) } else { asked(value, self.0) }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Answer, Slow> {
        Err(Slow)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Elements<'q>, Slow> {
        match self.0 {
            Question::Each(then) => Ok(Elements { then: Some(then), answer: Answer::False }),
            Question::Truth => {
                length.map(|length| Elements { then: None, answer: (length > 0).into() }).ok_or(Slow)
            }
            _ => Err(Slow),
        }
    }

    fn serialize_tuple(self, length: usize) -> Result<Elements<'q>, Slow> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Slow> {
        Err(Slow)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Slow> {
        Err(Slow)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Slow> {
        Err(Slow)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'q>, Slow> {
        match self.0 {
            Question::Field(name, then) => Ok(Fields { name, then, answer: None }),
            _ => Err(Slow),
        }
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Slow> {
        Err(Slow)
    }
}

/// The elements of a sequence, each shown in turn.
pub(super) struct Elements<'q> {
    then: Option<Then<'q>>,
    answer: Answer,
}

impl SerializeSeq for Elements<'_> {
    type Ok = Answer;
    type Error = Slow;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Slow> {
        if let Some(then) = &mut self.then {
            then(&Leaf(value))?;
            self.answer = Answer::True;
        }
        Ok(())
    }

    fn end(self) -> Result<Answer, Slow> {
        Ok(self.answer)
    }
}

impl SerializeTuple for Elements<'_> {
    type Ok = Answer;
    type Error = Slow;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Slow> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Answer, Slow> {
        Ok(self.answer)
    }
}

/// The fields of a struct, of which one is looked for.
pub(super) struct Fields<'q> {
    name: &'q str,
    then: Then<'q>,
    answer: Option<Answer>,
}

impl SerializeStruct for Fields<'_> {
    type Ok = Answer;
    type Error = Slow;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Slow> {
        if key == self.name {
            self.answer = Some((self.then)(&Leaf(value))?);
        }
        Ok(())
    }

    fn end(self) -> Result<Answer, Slow> {
        self.answer.ok_or(Slow)
    }
}

#[cfg(test)]
mod tests {
    use super::write_integer;

    #[test]
    fn integers_are_written_as_display_writes_them() {
        for value in [0, 7, 10, -1, -120, 1_234_567_890, i64::MAX.into(), i64::MIN.into(), u64::MAX.into()] {
            let mut out = String::new();
            write_integer(&mut out, value);
            assert_eq!(out, value.to_string());
        }
    }
}
