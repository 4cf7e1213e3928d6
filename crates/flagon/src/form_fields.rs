//! What a form's fields take, for the page that shows the form.
//!
//! In: the type that the form fills. Out: [`FormFields`], which a template asks for `maxlength`, `min` and `max`: the bounds
//! that the server holds the fields to, so that a browser tells the user while he types.

use std::collections::BTreeMap;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    config::Config,
    context::Context,
    extract::{Shape, outline},
};

/// What the fields of a form take, by their names. See [`Text`](crate::Text) for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FormFields(BTreeMap<&'static str, FormField>);

/// What a field of a form takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FormField {
    /// Its name in the form.
    pub name: &'static str,
    /// How many characters of text, counted as browsers do: the attribute `maxlength`.
    pub maxlength: Option<usize>,
    /// The least whole number: the attribute `min`.
    pub min: Option<i128>,
    /// The greatest whole number: the attribute `max`.
    pub max: Option<i128>,
}

impl FormFields {
    /// The field `name`.
    pub fn get(&self, name: &str) -> Option<&FormField> {
        self.0.get(name)
    }
}

/// What the fields of a `Form<T>` take: text as much as its type [`Text`](crate::Text) says, else `max_form_field_length`; integers
/// what their type holds. It is empty when `T` is no struct.
pub fn form_fields<T: DeserializeOwned>() -> FormFields {
    let longest = Context::current().map_or_else(
        || Config::default().max_form_field_length,
        |context| context.app().config().max_form_field_length,
    );
    let field = |(name, shape)| {
        let (maxlength, min, max) = match shape {
            Shape::Text => (Some(longest), None, None),
            Shape::Bounded(most) => (Some(most), None, None),
            Shape::Integer(min, max) => (None, Some(min), Some(max)),
            Shape::Other => (None, None, None),
        };
        (name, FormField { name, maxlength, min, max })
    };
    FormFields(outline::<T>().into_iter().map(field).collect())
}
