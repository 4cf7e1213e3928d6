use flagon::prelude::*;

#[get("/blogs/<blog>/posts/<int:id>")]
async fn show(blog: String) -> String {
    blog
}

fn main() {}
