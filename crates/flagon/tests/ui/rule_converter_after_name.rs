use flagon::prelude::*;

#[get("/posts/<id:int>")]
async fn show(id: i64) -> String {
    id.to_string()
}

fn main() {}
