//! `flagon port routes`: the URL map of a Flask app as views to be written.

mod inventory;
mod ask;
mod names;
mod stub;
mod file;

pub(crate) use self::{
    ask::ask,
    file::{Registered, stubs},
};
