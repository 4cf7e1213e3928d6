use flagon::prelude::*;

async fn index() -> &'static str {
    "hello"
}

fn main() {
    let _ = url_for!(index);
}
