//! `csrf`, `cors` and `security_headers` with a value that is none, or twice.

use flagon::{Cors, SecurityHeaders, prelude::*};

#[post("/a", csrf)]
async fn no_rule() {}

#[post("/b", csrf = false)]
async fn a_bool() {}

#[post("/c", csrf = "off")]
async fn another_word() {}

#[post("/d", csrf("exempt"))]
async fn a_list() {}

#[post("/e", csrf = "exempt", csrf = "required")]
async fn two_rules() {}

#[get("/f", cors)]
async fn no_function() {}

#[get("/g", cors = "https://partner.example")]
async fn an_origin() {}

#[get("/h", cors = open, cors = open)]
async fn two_functions() {}

#[get("/i", security_headers)]
async fn no_change() {}

#[get("/j", security_headers = "none")]
async fn a_word() {}

#[get("/k", security_headers = framed, security_headers = framed)]
async fn two_changes() {}

#[get("/l", login_required, login_required)]
async fn two_words() {}

#[get("/m", csrf = "exempt", cors = open, security_headers = framed, login_required, roles = "admin")]
#[get("/n", csrf = "exempt", cors = open, security_headers = framed, login_required, roles = "admin")]
async fn at_two_rules() {}

fn open() -> Cors {
    Cors::any_origin()
}

fn framed(headers: SecurityHeaders) -> SecurityHeaders {
    headers
}

fn main() {}
