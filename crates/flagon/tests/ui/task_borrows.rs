use flagon::prelude::*;

#[get("/<name>")]
async fn index(name: String) -> Result<String> {
    let length = flagon::spawn(async { name.len() }).await?;
    Ok(format!("{name}: {length}"))
}

#[get("/sum")]
async fn sum() -> String {
    let numbers = vec![1, 2, 3];
    let sum: i32 = flagon::parallel(|| numbers.iter().sum()).await;
    format!("{sum} of {}", numbers.len())
}

fn main() {}
