//! The posts: everybody reads them, their authors change them.

use flagon::{Route, flash, prelude::*};

use crate::auth;

#[derive(Debug, Serialize, Row)]
struct Post {
    id: i64,
    title: String,
    body: String,
    created: String,
    author_id: i64,
    username: String,
}

#[derive(Deserialize)]
struct Written {
    title: String,
    body: String,
}

pub(crate) fn blueprint() -> Blueprint {
    Blueprint::new("blog").routes(routes![index, create_form, create, update_form, update, delete])
}

/// The list of posts alone; what changes them is the old app's.
pub(crate) fn reading() -> Blueprint {
    let elsewhere = [
        Route::build_only("create", "/create"),
        Route::build_only("update", "/<int:id>/update"),
        Route::build_only("delete", "/<int:id>/delete"),
    ];
    Blueprint::new("blog").routes(routes![index]).routes(elsewhere)
}

/// All posts, the newest first.
#[get("/")]
async fn index() -> Result<Html> {
    const POSTS: &str = "SELECT post.id, title, body, created, author_id, username
        FROM post JOIN user ON post.author_id = user.id ORDER BY created DESC, post.id DESC";
    let posts: Vec<Post> = db().query_as(POSTS, ()).all().await?;
    render("blog/index.html", context! { posts })
}

/// The post, which has to be there and to be the user's own.
async fn own_post(id: i64, user: &auth::User) -> Result<Post> {
    const POST: &str = "SELECT post.id, title, body, created, author_id, username
        FROM post JOIN user ON post.author_id = user.id WHERE post.id = ?";
    let post: Post = db().query_as(POST, (id,)).optional().await?.or_404()?;
    if post.author_id == user.id { Ok(post) } else { abort(403) }
}

/// Leads to the login page.
fn to_login() -> Result<Response> {
    Ok(redirect(url_for("auth.login", &[])?)?.into_response())
}

#[get("/create", endpoint = "create")]
async fn create_form() -> Result<Response> {
    if auth::user().is_none() {
        return to_login();
    }
    Ok(render("blog/create.html", ())?.into_response())
}

#[post("/create", endpoint = "created")]
async fn create(form: Form<Written>) -> Result<Response> {
    let Some(user) = auth::user() else { return to_login() };
    if form.title.is_empty() {
        flash("Title is required.")?;
        return Ok(render("blog/create.html", ())?.into_response());
    }
    let insert = "INSERT INTO post (title, body, author_id) VALUES (?, ?, ?)";
    db().insert(insert, (&form.title, &form.body, user.id)).await?;
    Ok(redirect(url_for!(index)?)?.into_response())
}

#[get("/<int:id>/update", endpoint = "update")]
async fn update_form(id: i64) -> Result<Response> {
    let Some(user) = auth::user() else { return to_login() };
    let post = own_post(id, &user).await?;
    Ok(render("blog/update.html", context! { post })?.into_response())
}

#[post("/<int:id>/update", endpoint = "updated")]
async fn update(id: i64, form: Form<Written>) -> Result<Response> {
    let Some(user) = auth::user() else { return to_login() };
    let post = own_post(id, &user).await?;
    if form.title.is_empty() {
        flash("Title is required.")?;
        return Ok(render("blog/update.html", context! { post })?.into_response());
    }
    let update = "UPDATE post SET title = ?, body = ? WHERE id = ?";
    db().execute(update, (&form.title, &form.body, id)).await?;
    Ok(redirect(url_for!(index)?)?.into_response())
}

#[post("/<int:id>/delete")]
async fn delete(id: i64) -> Result<Response> {
    let Some(user) = auth::user() else { return to_login() };
    own_post(id, &user).await?;
    db().execute("DELETE FROM post WHERE id = ?", (id,)).await?;
    Ok(redirect(url_for!(index)?)?.into_response())
}
