//! SeaORM in views: in the transaction of the request, with its retry, and refused writes in safe methods.

use std::sync::Arc;

use flagon::{
    prelude::*,
    sea_orm::{ActiveValue::Set, entity::prelude::*},
};

use super::{clients, notes};

mod note {
    use flagon::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "note")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: i32,
        pub(super) text: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

async fn add(id: i32, text: &str) -> Result<(), DbErr> {
    note::ActiveModel { id: Set(id), text: Set(text.to_owned()) }.insert(&db()).await?;
    Ok(())
}

#[post("/notes/<int:id>")]
async fn make(id: i32) -> Result<String> {
    add(id, "of the ORM").await?;
    db().execute("INSERT INTO note (id, text) VALUES (?, 'of SQL')", (id + 1,)).await?;
    if id == 7 {
        return abort(409);
    }
    Ok(note::Entity::find().count(&db()).await?.to_string())
}

#[get("/notes")]
async fn write_while_reading() -> Result<String> {
    add(1, "not in GET").await?;
    Ok(String::new())
}

#[get("/first")]
async fn first() -> Result<String> {
    Ok(note::Entity::find_by_id(1).one(&db()).await?.or_404()?.text)
}

#[test]
fn it_is_in_the_transaction_of_the_request() {
    for client in clients(|| App::new("t").routes(routes![make, first])) {
        assert_eq!(client.post("/notes/7").wait().status(), 409);
        assert!(notes(&client).is_empty(), "an error rolls both back");
        assert_eq!(client.post("/notes/1").wait().text(), "2");
        assert_eq!(notes(&client), ["of the ORM", "of SQL"]);
        assert_eq!(client.get("/first").wait().text(), "of the ORM");
    }
}

#[test]
fn writes_in_safe_methods_are_refused() {
    for client in
        clients(|| App::new("t").routes(routes![write_while_reading]).configure(|config| config.debug = true))
    {
        let answer = client.get("/notes").header("accept", "application/json").wait();
        assert_eq!(answer.status(), 500);
        assert!(
            answer.text().contains("`write_while_reading` answers GET, which is safe"),
            "{}",
            answer.text()
        );
        assert!(notes(&client).is_empty());
    }
}

#[post("/both/<int:first>")]
async fn both(first: i32, meeting: State<Arc<super::again::Meeting>>) -> Result<String> {
    for (number, id) in [first, 3 - first].into_iter().enumerate() {
        let change = note::ActiveModel { id: Set(id), text: Set(format!("by {first}")) };
        change.update(&db()).await?;
        if number == 0 {
            meeting.meet().await;
        }
    }
    Ok(String::new())
}

#[test]
fn a_deadlock_is_not_seen_by_the_client() {
    let [_, client] =
        clients(|| App::new("t").routes(routes![make, both]).state(super::again::Meeting::new()));
    assert_eq!(client.post("/notes/1").wait().status(), 200);
    let (left, right) =
        client.block_on(async { tokio::join!(client.post("/both/1").send(), client.post("/both/2").send()) });
    assert_eq!((left.status().as_u16(), right.status().as_u16()), (200, 200));
    let notes = notes(&client);
    assert_eq!(notes[0], notes[1], "one came after the other: {notes:?}");
    assert_eq!(client.app().db().database().retries().deadlock, 1);
}
