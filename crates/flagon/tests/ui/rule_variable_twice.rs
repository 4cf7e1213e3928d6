use flagon::prelude::*;

#[get("/<id>/posts/<int:id>")]
async fn show(id: i64) -> String {
    id.to_string()
}

fn main() {}
