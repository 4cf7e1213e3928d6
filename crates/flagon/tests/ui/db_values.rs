//! The text of a statement is a literal, and its values are a tuple.

use flagon::prelude::*;

#[get("/a/<name>")]
async fn put_together(name: String) -> Result<String> {
    let sql = format!("SELECT title FROM post WHERE author = '{name}'");
    Ok(db().query_as(sql, ()).one().await?)
}

#[get("/b/<int:id>")]
async fn without_comma(id: i64) -> Result<String> {
    Ok(db().query_as("SELECT title FROM post WHERE id = ?", id).one().await?)
}

struct Post;

#[get("/c/<int:id>")]
async fn not_a_row(id: i64) -> Result<()> {
    let _: Post = db().query_as("SELECT title FROM post WHERE id = ?", (id,)).one().await?;
    Ok(())
}

fn main() {}
