use flagon::prelude::*;

#[get("/<name>")]
async fn hello<T: ToString>(name: T) -> String {
    name.to_string()
}

#[get("/bytes")]
async fn bytes<const N: usize>() -> String {
    "x".repeat(N)
}

fn main() {}
