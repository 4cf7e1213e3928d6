//! Sessions and their cookies.

mod flask;
mod signed;
