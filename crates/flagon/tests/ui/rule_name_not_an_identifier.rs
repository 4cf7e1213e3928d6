use flagon::prelude::*;

#[get("/posts/<post-id>")]
async fn show(post_id: String) -> String {
    post_id
}

fn main() {}
