use flagon::prelude::*;

#[get("/posts/<int:id")]
async fn show(id: i64) -> String {
    id.to_string()
}

fn main() {}
