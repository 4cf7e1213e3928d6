//! Sessions and their cookies.

mod flask;
mod encrypted;
mod signed;
#[cfg(feature = "sql")]
mod sql;
mod stored;
