use flagon::prelude::*;

struct Search {
    q: String,
}

#[get("/search")]
async fn search(search: Query<Search>) -> String {
    search.0.q
}

fn main() {}
