use flagon::prelude::*;

#[get("/posts/<int:id>")]
async fn show(id: bool) -> String {
    id.to_string()
}

fn main() {}
