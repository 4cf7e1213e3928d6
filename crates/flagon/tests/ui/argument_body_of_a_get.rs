use flagon::prelude::*;

#[derive(Deserialize)]
#[serde(crate = "flagon::serde")]
struct Search {
    q: String,
}

#[get("/search")]
async fn search(form: Form<Search>) -> String {
    form.0.q
}

fn main() {}
