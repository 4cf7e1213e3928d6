use flagon::prelude::*;

#[get("/posts/<int:post_id>")]
async fn show(pots_id: i64) -> String {
    pots_id.to_string()
}

fn main() {}
