use flagon::prelude::*;

#[get("/prices/<float:price>")]
async fn price(price: i64) -> String {
    price.to_string()
}

fn main() {}
