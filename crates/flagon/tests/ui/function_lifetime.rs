use flagon::prelude::*;

#[get("/hello/<name>")]
async fn hello<'a>(name: &'a str) -> String {
    name.to_owned()
}

fn main() {}
