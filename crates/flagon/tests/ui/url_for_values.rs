use flagon::prelude::*;

#[get("/blogs/<blog>/posts/<int:id>")]
async fn show(blog: String, id: i64) -> String {
    format!("{blog} {id}")
}

fn main() {
    let _ = url_for!(show, "rust");
    let _ = url_for!(show, "rust", 1, 2);
    let _ = url_for!(show, "rust", "one");
    let _ = url_for!(show, "rust", page = 2, 1);
    let _ = url_for!(show, "rust", 1, _anchr = "top");
    let _ = url_for!("show", 1);
}
