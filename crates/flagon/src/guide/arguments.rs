//! What a view takes.
//!
//! An argument that is no variable of the rule is made from the request by its type. What does not fit is refused before
//! the view runs, with a 4xx answer that names the field.
//!
//! ```
//! use std::sync::Mutex;
//!
//! use flagon::prelude::*;
//!
//! #[derive(Deserialize)]
//! struct Search {
//!     q: String,
//!     #[serde(default)]
//!     page: u32,
//! }
//!
//! #[get("/search")]
//! async fn search(search: Query<Search>) -> String {
//!     format!("{} on page {}", search.q, search.page)
//! }
//!
//! #[derive(Serialize, Deserialize)]
//! struct Task {
//!     title: String,
//! }
//!
//! #[derive(Default)]
//! struct Tasks(Mutex<Vec<Task>>);
//!
//! #[post("/tasks")]
//! async fn create(task: Json<Task>, tasks: State<Tasks>) -> (String, u16) {
//!     let mut tasks = tasks.0.lock().unwrap();
//!     tasks.push(task.0);
//!     (format!("{} tasks", tasks.len()), 201)
//! }
//!
//! let app = App::new("tasks").state(Tasks::default()).routes(routes![search, create]);
//! let client = app.test_client();
//! assert_eq!(client.get("/search?q=milk").wait().text(), "milk on page 0");
//! assert_eq!(client.get("/search?q=milk&page=x").wait().status(), 422);
//! assert_eq!(client.post("/tasks").json(&Task { title: "milk".into() }).wait().text(), "1 tasks");
//! ```
//!
//! | argument | is |
//! |---|---|
//! | [`Query<T>`](crate::Query), [`Form<T>`](crate::Form), [`Json<T>`](crate::Json) | the query, the form, the JSON body, as a type that derives `Deserialize` |
//! | [`Header<…>`](crate::Header) | a header |
//! | [`State<T>`](crate::State) | what [`App::state`](crate::App::state) keeps; forgotten, the app does not start and says so |
//! | `String`, [`Bytes`](crate::Bytes), [`BodyStream`](crate::BodyStream) | the body, whole or as it arrives |
//! | `Option<…>` of these | `None` when the request has nothing of the kind |
//! | `Result<…>` of these | the refusal, for the view to answer; see [`errors`](super::errors) |
//! | your own type | what its [`FromRequest`](crate::FromRequest) makes, such as the user who is logged in |
//!
//! # Files
//!
//! ```
//! use flagon::{UploadedFile, prelude::*, send_from_directory, testing::Multipart};
//!
//! #[derive(Deserialize)]
//! struct Upload {
//!     photo: UploadedFile,
//! }
//!
//! struct Folder(std::path::PathBuf);
//!
//! #[post("/photos", max_body = 20 * 1024 * 1024)]
//! async fn upload(form: Form<Upload>, folder: State<Folder>) -> Result<String> {
//!     let name = form.photo.secure_filename();
//!     form.photo.save(folder.0.join(&name)).await?;
//!     Ok(name)
//! }
//!
//! #[get("/photos/<name>")]
//! async fn photo(name: String, folder: State<Folder>) -> Result {
//!     send_from_directory(&folder.0, name).await
//! }
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let folder_path = folder.path().to_owned();
//! let app = App::new("photos").state(Folder(folder_path)).routes(routes![upload, photo]);
//! let client = app.test_client();
//! let form = Multipart::new().file("photo", "../cat.txt", "text/plain", "meow");
//! assert_eq!(client.post("/photos").multipart(form).wait().text(), "cat.txt");
//! assert_eq!(client.get("/photos/cat.txt").wait().text(), "meow");
//! ```
