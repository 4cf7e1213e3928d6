use flagon::prelude::*;

#[get("/years/<int(fixed_digit=4):year>")]
async fn year(year: u16) -> String {
    year.to_string()
}

fn main() {}
