use flagon::prelude::*;

#[get("/")]
struct Index;

#[get("/posts")]
impl Index {}

fn main() {}
