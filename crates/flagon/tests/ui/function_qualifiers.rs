use flagon::prelude::*;

#[get("/a")]
unsafe fn a() -> &'static str {
    "a"
}

#[get("/b")]
extern "C" fn b() -> &'static str {
    "b"
}

#[get("/c")]
const fn c() -> &'static str {
    "c"
}

fn main() {}
