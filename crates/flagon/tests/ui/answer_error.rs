use flagon::prelude::*;

#[get("/")]
async fn index() -> Result<String, u8> {
    Err(1)
}

fn main() {}
