use flagon::prelude::*;

struct Post {
    title: String,
}

#[get("/posts/<title>")]
async fn show(title: String) -> Result<Post> {
    Ok(Post { title })
}

fn main() {}
