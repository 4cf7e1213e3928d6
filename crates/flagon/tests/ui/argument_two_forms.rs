use flagon::prelude::*;

#[derive(Deserialize)]
#[serde(crate = "flagon::serde")]
struct Name {
    name: String,
}

#[post("/")]
async fn create(first: Form<Name>, second: Form<Name>) -> String {
    first.0.name + &second.name
}

fn main() {}
