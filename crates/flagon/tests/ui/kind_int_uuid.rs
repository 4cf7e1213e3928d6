use flagon::prelude::*;

#[get("/posts/<int:id>")]
async fn show(id: flagon::Uuid) -> String {
    id.to_string()
}

fn main() {}
