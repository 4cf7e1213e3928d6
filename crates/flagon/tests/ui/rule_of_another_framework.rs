use flagon::prelude::*;

#[get("/posts/{id}")]
async fn show(id: i64) -> String {
    id.to_string()
}

#[get("/files/*path")]
async fn file(path: String) -> String {
    path
}

#[get("/users/:name/posts")]
async fn posts(name: String) -> String {
    name
}

fn main() {}
