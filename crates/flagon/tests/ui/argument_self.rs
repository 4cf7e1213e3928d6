use flagon::prelude::*;

struct Blog;

impl Blog {
    #[get("/")]
    async fn index(&self) -> &'static str {
        "hello"
    }
}

fn main() {}
