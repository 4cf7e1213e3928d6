//! What a view may do, and how far it is apart from others.

use flagon::{
    prelude::*,
    sql::{ErrorKind, Row},
};

use super::{balances, clients, notes};

#[derive(Debug, Serialize, Row)]
struct Note {
    id: i64,
    #[row(column = "text")]
    title: String,
}

#[get("/notes/<int:id>")]
async fn show(id: i64) -> Result<Json<Note>> {
    let note = db().query_as("SELECT id, text FROM note WHERE id = ?", (id,)).optional().await?;
    Ok(Json(note.or_404()?))
}

#[test]
fn a_row_is_read_into_a_struct() {
    for client in clients(|| App::new("t").routes(routes![show])) {
        client.block_on(client.app().db().execute("INSERT INTO note VALUES (7, 'x')", ())).unwrap();
        assert_eq!(client.get("/notes/7").wait().text(), r#"{"id":7,"title":"x"}"#);
        assert_eq!(client.get("/notes/8").wait().status(), 404);
    }
}

#[get("/visits")]
async fn visits() -> Result<&'static str> {
    db().execute("INSERT INTO note VALUES (1, 'visit')", ()).await?;
    Ok("counted")
}

#[get("/visits-said", writes)]
async fn visits_said() -> Result<&'static str> {
    db().execute("INSERT INTO note VALUES (1, 'visit')", ()).await?;
    Ok("counted")
}

#[test]
fn a_safe_method_is_refused_to_write_unless_its_view_says_so() {
    let app = || App::new("t").routes(routes![visits, visits_said]).configure(|config| config.debug = true);
    for client in clients(app) {
        let refused = client.get("/visits").wait();
        assert_eq!(refused.status(), 500);
        let text = refused.text();
        assert!(text.contains("visits` answers GET, which is safe, and tried to write"), "{text}");
        assert!(text.contains("`writes`") || text.contains("&#96;writes"), "{text}");
        assert_eq!(notes(&client), [""; 0]);
        assert_eq!(client.get("/visits-said").wait().text(), "counted");
        assert_eq!(notes(&client), ["visit"]);
    }
}

/// Reads a row, and says whether somebody else could lock it meanwhile.
async fn reads_and_tries() -> Result<&'static str> {
    let _: i64 = db().query_as("SELECT balance FROM account WHERE id = 1", ()).one().await?;
    let outside = current_app().db();
    let locked = outside
        .transaction(|db| async move {
            db.query_as::<i64>("SELECT balance FROM account WHERE id = 1", ())
                .for_update()
                .nowait()
                .one()
                .await
        })
        .await;
    Ok(match locked {
        Ok(_) => "free",
        Err(error) if error.kind() == ErrorKind::Locked => "locked",
        Err(error) => return Err(error.into()),
    })
}

#[post("/usual")]
async fn usual() -> Result<&'static str> {
    reads_and_tries().await
}

#[post("/serializable", isolation = "serializable")]
async fn serializable() -> Result<&'static str> {
    reads_and_tries().await
}

#[test]
fn a_serializable_view_locks_what_it_reads() {
    let [_, mariadb] = clients(|| App::new("t").routes(routes![usual, serializable]));
    assert_eq!(mariadb.post("/usual").wait().text(), "free");
    assert_eq!(mariadb.post("/serializable").wait().text(), "locked");
    assert_eq!(mariadb.post("/usual").wait().text(), "free", "it was for one transaction");
}

#[test]
fn parts_are_undone_on_their_own() {
    #[post("/parts")]
    async fn parts() -> Result<String> {
        let db = db();
        db.execute("UPDATE account SET balance = 1 WHERE id = 1", ()).await?;
        let part = db
            .transaction(|db| async move {
                db.execute("UPDATE account SET balance = 2 WHERE id = 2", ()).await?;
                abort::<()>(409)
            })
            .await;
        Ok(part.unwrap_err().status().to_string())
    }
    for client in clients(|| App::new("t").routes(routes![parts])) {
        assert_eq!(client.post("/parts").wait().text(), "409 Conflict");
        assert_eq!(balances(&client), [1, 100]);
    }
}

#[test]
fn a_view_with_autocommit_manages_its_transactions_itself() {
    #[post("/own", autocommit)]
    async fn own() -> Result<()> {
        db().execute("UPDATE account SET balance = 1 WHERE id = 1", ()).await?;
        db().transaction(|db| async move {
            db.execute("UPDATE account SET balance = 2 WHERE id = 2", ()).await?;
            abort::<()>(409)
        })
        .await
    }
    for client in clients(|| App::new("t").routes(routes![own])) {
        assert_eq!(client.post("/own").wait().status(), 409);
        assert_eq!(balances(&client), [1, 100]);
    }
}

#[test]
fn outside_of_a_request_each_statement_is_on_its_own() {
    for client in clients(|| App::new("t")) {
        let context = client.app().app_context();
        client.block_on(context.scope(async {
            db().execute("UPDATE account SET balance = 1 WHERE id = 1", ()).await.unwrap();
        }));
        assert_eq!(balances(&client), [1, 100]);
    }
}
