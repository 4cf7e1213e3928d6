use flagon::prelude::*;

use std::rc::Rc;

#[get("/")]
async fn index() -> String {
    let text = Rc::new(String::from("hello"));
    flagon::blocking(|| ()).await;
    text.to_string()
}

fn main() {}
