use flagon::prelude::*;

#[get("/lines/<int:from>")]
async fn line((from, to): (i64, i64)) -> String {
    (from + to).to_string()
}

#[get("/")]
async fn index(_: Query<Vec<(String, String)>>) -> &'static str {
    "hello"
}

fn main() {}
