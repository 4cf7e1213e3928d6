use flagon::prelude::*;

#[post("/")]
async fn create(body: flagon::BodyStream, value: Json<u8>) -> String {
    drop(body);
    value.to_string()
}

fn main() {}
