use flagon::prelude::*;

async fn index() -> &'static str {
    "hello"
}

struct Show;

fn main() {
    let _ = routes![index, Show];
    let _ = routes![index()];
}
