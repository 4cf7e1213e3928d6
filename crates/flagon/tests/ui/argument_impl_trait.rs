use flagon::prelude::*;

#[get("/hello/<name>")]
async fn hello(name: impl ToString) -> String {
    name.to_string()
}

fn main() {}
