//! What is kept of a request, and what is undone.

use std::time::Duration;

use flagon::{http::StatusCode, prelude::*, sql, stream};

use super::{client, clients, notes};

async fn add(id: i64, text: &str) -> Result<()> {
    db().execute("INSERT INTO note VALUES (?, ?)", (id, text)).await?;
    Ok(())
}

#[post("/well")]
async fn well() -> Result<&'static str> {
    add(1, "well").await?;
    Ok("done")
}

#[post("/error")]
async fn error() -> Result<()> {
    add(1, "error").await?;
    Err(std::io::Error::other("gone").into())
}

#[post("/abort")]
async fn abort_409() -> Result<()> {
    add(1, "abort").await?;
    abort(409)
}

#[post("/panic")]
async fn panics() -> Result<()> {
    add(1, "panic").await?;
    panic!("on purpose")
}

#[post("/returns/<int:code>")]
async fn returns(code: u16) -> Result<StatusCode> {
    add(1, "returned").await?;
    Ok(StatusCode::from_u16(code)?)
}

#[post("/late")]
async fn late() -> Result<()> {
    add(1, "late").await?;
    std::future::pending().await
}

#[post("/plain-fn")]
fn plain() -> Result<String> {
    sql::wait(add(1, "plain"))?;
    Ok(sql::wait(db().query_as("SELECT text FROM note", ()).one())?)
}

fn app() -> App {
    App::new("t")
        .routes(routes![well, error, abort_409, panics, returns, late, plain])
        .configure(|config| config.view_timeout = Some(Duration::from_millis(300)))
}

#[test]
fn an_answer_keeps_what_was_written_and_an_error_undoes_it() {
    for (path, status, kept) in [
        ("/well", 200, true),
        ("/plain-fn", 200, true),
        ("/returns/201", 201, true),
        ("/returns/422", 422, true), // returned, so meant: a form that is shown again
        ("/error", 500, false),
        ("/abort", 409, false),
        ("/panic", 500, false),
        ("/returns/500", 500, false),
        ("/returns/503", 503, false),
        ("/late", 504, false),
    ] {
        for client in clients(app) {
            let answer = client.post(path).wait();
            assert_eq!(answer.status(), status, "{path}");
            assert_eq!(notes(&client).len(), usize::from(kept), "{path}");
        }
    }
}

#[test]
fn a_client_that_leaves_undoes_it() {
    for client in clients(app) {
        client.block_on(async {
            let request = client.post("/late").send();
            let written = async {
                loop {
                    // Only within the transaction it can be seen; from outside the table is locked or empty.
                    tokio::task::yield_now().await;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            // The request is dropped in the middle of its view.
            let _ =
                tokio::time::timeout(Duration::from_millis(100), async { tokio::join!(request, written) })
                    .await;
        });
        assert_eq!(notes(&client), [""; 0]);
        assert_eq!(client.post("/well").wait().status(), 200, "the connection is free again");
        assert_eq!(notes(&client), ["well"]);
    }
}

#[test]
fn hooks_and_view_are_in_one_transaction() {
    let app = || {
        App::new("t")
            .before_request(async || add(10, "before").await)
            .after_request(async |response: Response| {
                add(20, "after").await?;
                Ok::<_, Error>(response)
            })
            .routes(routes![well, error])
    };
    for client in clients(app) {
        assert_eq!(client.post("/well").wait().status(), 200);
        assert_eq!(notes(&client), ["well", "before", "after"]);
    }
    for client in clients(app) {
        assert_eq!(client.post("/error").wait().status(), 500);
        assert_eq!(notes(&client), [""; 0], "a 500 keeps nothing, not even what an after-hook writes");
    }
}

#[test]
fn what_an_error_handler_writes_is_kept_with_its_answer() {
    let app = || {
        App::new("t").routes(routes![abort_409]).errorhandler(409, async |_| {
            add(2, "handled").await?;
            Ok::<_, Error>(StatusCode::CONFLICT)
        })
    };
    for client in clients(app) {
        assert_eq!(client.post("/abort").wait().status(), 409);
        assert_eq!(notes(&client), ["handled"], "and nothing of the view");
    }
}

#[test]
fn a_commit_that_is_refused_is_the_answer() {
    #[post("/orphan")]
    async fn orphan() -> Result<&'static str> {
        db().execute("INSERT INTO child VALUES (99)", ()).await?;
        Ok("done")
    }
    let client = client(App::new("t").routes(routes![orphan]), "sqlite::memory:".into());
    client.block_on(async {
        let table = "CREATE TABLE child (note INTEGER REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED)";
        client.app().db().execute(table, ()).await.unwrap();
    });
    assert_eq!(client.post("/orphan").wait().status(), 500);
    let db = client.app().db();
    assert_eq!(client.block_on(db.query_as::<i64>("SELECT count(*) FROM child", ()).one()).unwrap(), 0);
}

#[test]
fn what_waits_for_the_commit_runs_after_it_and_not_without() {
    #[post("/tell")]
    async fn tell(fails: Query<Fails>) -> Result<&'static str> {
        add(1, "told").await?;
        let outside = current_app().db();
        db().after_commit(async move {
            let seen: i64 = outside.query_as("SELECT count(*) FROM note", ()).one().await.unwrap();
            outside.execute("INSERT INTO note VALUES (2, ?)", (format!("seen {seen}"),)).await.unwrap();
        })
        .await;
        if fails.fails { abort(409) } else { Ok("done") }
    }
    #[derive(Deserialize)]
    struct Fails {
        fails: bool,
    }
    for client in clients(|| App::new("t").routes(routes![tell])) {
        assert_eq!(client.post("/tell?fails=true").wait().status(), 409);
        assert_eq!(notes(&client), [""; 0]);
        assert_eq!(client.post("/tell?fails=false").wait().status(), 200);
        assert_eq!(notes(&client), ["told", "seen 1"]);
    }
}

#[test]
fn a_stream_reads_after_the_commit_and_does_not_write() {
    #[post("/export")]
    async fn export() -> Result<impl IntoResponse> {
        add(1, "one").await?;
        add(2, "two").await?;
        let rows = db().query_as::<String>("SELECT text FROM note ORDER BY id", ()).stream();
        Ok(stream(rows))
    }
    #[post("/too-late")]
    async fn too_late() -> impl IntoResponse {
        stream(futures_util::stream::once(async {
            match add(1, "late").await {
                Ok(()) => Ok("kept"),
                Err(error) => Err(std::io::Error::other(format!("{error:?}"))),
            }
        }))
    }
    for client in clients(|| App::new("t").routes(routes![export, too_late])) {
        assert_eq!(client.post("/export").wait().text(), "onetwo");
        let late = client.post("/too-late").wait();
        let why = format!("{:?}", late.broke_off().expect("the answer breaks off"));
        assert!(why.contains("is committed and its answer has begun"), "{why}");
        assert_eq!(notes(&client), ["one", "two"]);
    }
}

#[test]
fn a_stream_that_was_begun_in_the_view_is_refused_instead_of_waiting_for_itself() {
    use futures_util::StreamExt as _;

    #[post("/begun")]
    async fn begun() -> Result<impl IntoResponse> {
        add(1, "one").await?;
        let mut rows = db().query_as::<String>("SELECT text FROM note", ()).stream();
        let _first = rows.next().await;
        Ok(stream(rows))
    }
    for client in clients(|| App::new("t").routes(routes![begun])) {
        assert_eq!(client.post("/begun").wait().status(), 500);
        assert_eq!(notes(&client), [""; 0]);
    }
}

#[test]
fn who_does_not_ask_the_database_does_not_need_it() {
    #[get("/plain")]
    async fn no_database() -> &'static str {
        "hello"
    }
    #[get("/asks")]
    async fn asks() -> Result<String> {
        Ok(db().query_as("SELECT text FROM note", ()).one().await?)
    }
    let app = App::new("t").configure(|config| config.database = "mysql://root@127.0.0.1:1/nowhere".into());
    let client = app.routes(routes![no_database, asks]).test_client();
    assert_eq!(client.get("/plain").wait().text(), "hello");
    assert_eq!(client.get("/asks").wait().status(), 503, "later it may be there");
}
