use flagon::prelude::*;

#[get("/offsets/<int(signed=True):by>")]
async fn offset(by: u32) -> String {
    by.to_string()
}

fn main() {}
