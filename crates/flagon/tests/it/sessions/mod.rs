//! Sessions and their cookies.

mod flask;
mod encrypted;
mod signed;
mod stored;
