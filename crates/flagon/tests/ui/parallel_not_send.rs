use flagon::prelude::*;

use std::rc::Rc;

#[get("/")]
async fn index() -> String {
    let numbers = Rc::new(vec![1, 2, 3]);
    let sum: i32 = flagon::parallel(move || numbers.iter().sum()).await;
    sum.to_string()
}

fn main() {}
