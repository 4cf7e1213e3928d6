//! Views that cannot but answer with a status of their own: each has its real cause.

use std::{fs, io::Write as _};

use flagon::prelude::*;

/// 103 goes before the answer, and tells what the page will need.
#[get("/try/hinted")]
pub(crate) async fn hinted() -> Result<&'static str> {
    request().early_hints(["</static/site.css>; rel=preload; as=style"])?;
    Ok("The answer, after the hint.\n")
}

/// 401: nobody is logged in.
#[get("/try/members")]
pub(crate) async fn members() -> Result<&'static str> {
    let member: Option<&str> = None;
    member.or_401()
}

/// 410: it was here, and will not come back.
#[get("/try/closed-account")]
pub(crate) async fn closed_account() -> Result<&'static str> {
    abort_because(410, "This account was closed at its owner's wish.")
}

/// 428: who changes it has to say which state of it.
#[put("/try/agreed", require_match)]
pub(crate) async fn agreed() -> &'static str {
    "written"
}

/// 429: once in five seconds for each client.
#[get("/try/seldom", rate_limit = "1/5 seconds")]
pub(crate) async fn seldom() -> &'static str {
    "Your turn, once in five seconds.\n"
}

/// 507: the device that is always full.
#[get("/try/full-disk")]
pub(crate) fn full_disk() -> Result<&'static str> {
    fs::OpenOptions::new().write(true).open("/dev/full")?.write_all(b"one byte too many")?;
    Ok("there was room")
}
