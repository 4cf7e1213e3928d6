use flagon::prelude::*;

use std::rc::Rc;

#[get("/")]
async fn index() -> Result<String> {
    let text = Rc::new(String::from("hello"));
    Ok(flagon::spawn(async move { text.to_string() }).await?)
}

fn main() {}
