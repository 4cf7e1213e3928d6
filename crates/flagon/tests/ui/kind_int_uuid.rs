use flagon::prelude::*;

#[get("/posts/<int:id>")]
async fn show(id: uuid::Uuid) -> String {
    id.to_string()
}

fn main() {}
