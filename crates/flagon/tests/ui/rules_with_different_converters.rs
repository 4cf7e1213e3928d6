use flagon::prelude::*;

#[get("/posts/<int:id>")]
#[get("/drafts/<id>")]
async fn show(id: String) -> String {
    id
}

fn main() {}
