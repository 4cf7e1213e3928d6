//! [SeaORM](https://www.sea-ql.org/SeaORM) on the same connection, for apps that come with entities or want them.
//!
//! With the feature `sea-orm` (off unless asked for: `flagon = { features = ["sea-orm"] }`), [`db()`](crate::db) is a connection of SeaORM 2:
//! its entities and queries run in the transaction of the request, beside statements of your own. They are committed with the answer, rolled
//! back with an error, and run again with the view after a deadlock; in a safe method a write is refused.
//!
//! ```
//! use flagon::{prelude::*, sea_orm::{self, ActiveValue::Set, entity::prelude::*}};
//!
//! mod post {
//!     use flagon::sea_orm::{self, entity::prelude::*};
//!
//!     #[derive(Clone, Debug, serde::Serialize, DeriveEntityModel)]
//!     #[sea_orm(table_name = "post")]
//!     pub struct Model {
//!         #[sea_orm(primary_key)]
//!         pub id: i32,
//!         pub title: String,
//!     }
//!
//!     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
//!     pub enum Relation {}
//!
//!     impl ActiveModelBehavior for ActiveModel {}
//! }
//! use post::Entity as Post;
//!
//! #[get("/posts/<int:id>")]
//! async fn show(id: i32) -> Result<Json<post::Model>> {
//!     Ok(Json(Post::find_by_id(id).one(&db()).await?.or_404()?))
//! }
//!
//! #[post("/posts/<title>")]
//! async fn create(title: String) -> Result<String> {
//!     let post = post::ActiveModel { title: Set(title), ..Default::default() }.insert(&db()).await?;
//!     // In the same transaction.
//!     db().execute("UPDATE post SET title = upper(title) WHERE id = ?", (post.id,)).await?;
//!     Ok(post.id.to_string())
//! }
//!
//! let app = App::new("blog").routes(routes![show, create]).configure(|config| config.database = "sqlite::memory:".into());
//! let client = app.test_client();
//! let table = "CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT NOT NULL)";
//! client.block_on(client.app().db().execute(table, ()))?;
//! assert_eq!(client.post("/posts/hello").wait().text(), "1");
//! assert_eq!(client.get("/posts/1").wait().text(), r#"{"id":1,"title":"HELLO"}"#);
//! # Ok::<(), flagon::sql::Error>(())
//! ```
//!
//! `use flagon::sea_orm;` is for the derives, which write `sea_orm::` themselves. More features of SeaORM (`with-chrono`, `with-uuid`,
//! `with-json`, …) come with a dependency of your own on the same version of it.
//!
//! `begin()` of SeaORM makes a savepoint within the request's transaction, and so does its `transaction()`, which is called by its full name,
//! `TransactionTrait::transaction(&db(), …)`, as [`Db`](crate::sql::Db) has one itself; a part that is dropped before its commit is rolled back. What the database refused is told by [`sql::sea_orm_error_kind`](crate::sql::sea_orm_error_kind), and by SeaORM's `sql_err()`.
//! Tables are made by [migrations](super::migrations).
//!
//! SeaORM asks `tracing` for its `log` feature, which costs each span and event a little more, and it is some eighty crates to build.
