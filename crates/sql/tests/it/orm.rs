//! SeaORM on a `Db`: in its transaction, with its refusals, on SQLite and on MariaDB.

use flagon_sql::{
    AssertSqlSafe, Database, Db, Dialect, ErrorKind, Terms, Transaction,
    sea_orm::{self, entity::prelude::*},
    sea_orm_error_kind, time,
};
use futures_util::TryStreamExt;
use sea_orm::{ActiveValue::Set, QueryOrder, TransactionSession, TransactionTrait};

use crate::databases::both;

mod cake {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "cake")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub(super) id: i32,
        #[sea_orm(unique)]
        pub(super) name: String,
        pub(super) baked: Option<TimeDate>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use cake::Entity as Cake;

async fn with_cakes(database: &Database) -> Db {
    let db = database.db();
    let table = match db.dialect() {
        Dialect::MySql => {
            "CREATE TABLE cake (id INTEGER PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50) NOT NULL UNIQUE, baked DATE) ENGINE=InnoDB"
        }
        _ => {
            "CREATE TABLE cake (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, baked TEXT)"
        }
    };
    db.execute(AssertSqlSafe(table), ()).await.unwrap();
    db
}

fn named(name: &str) -> cake::ActiveModel {
    cake::ActiveModel { name: Set(name.to_owned()), ..Default::default() }
}

async fn names(db: &Db) -> Vec<String> {
    let cakes = Cake::find().order_by_asc(cake::Column::Id).all(db).await.unwrap();
    cakes.into_iter().map(|cake| cake.name).collect()
}

#[tokio::test]
async fn entities_are_made_found_changed_and_deleted() {
    for database in both() {
        let db = with_cakes(&database).await;
        let date = time::Date::from_ordinal_date(2026, 327).unwrap();
        let made = cake::ActiveModel { baked: Set(Some(date)), ..named("carrot") }.insert(&db).await.unwrap();
        assert_eq!((made.id, made.baked), (1, Some(date)));
        Cake::insert_many([named("plum"), named("lemon")]).exec(&db).await.unwrap();
        let found = Cake::find().filter(cake::Column::Name.eq("plum")).one(&db).await.unwrap().unwrap();
        assert_eq!(found, cake::Model { id: 2, name: "plum".to_owned(), baked: None });
        let mut change: cake::ActiveModel = found.into();
        change.name = Set("cherry".to_owned());
        change.update(&db).await.unwrap();
        Cake::delete_by_id(3).exec(&db).await.unwrap();
        assert_eq!(names(&db).await, ["carrot", "cherry"]);
        assert_eq!(Cake::find().count(&db).await.unwrap(), 2);
        let mut stream = Cake::find().stream(&db).await.unwrap();
        assert_eq!(stream.try_next().await.unwrap().unwrap().id, 1);
        drop(stream);
        // What one writes, the other reads.
        let own: Vec<String> = db.query_as("SELECT name FROM cake ORDER BY id", ()).all().await.unwrap();
        assert_eq!(own, ["carrot", "cherry"]);
    }
}

#[tokio::test]
async fn it_is_in_the_transaction_of_its_db() {
    for database in both() {
        let outside = with_cakes(&database).await;
        let transaction = Transaction::new(&database, Terms::default());
        let db = Db::within(&transaction);
        named("carrot").insert(&db).await.unwrap();
        db.execute("INSERT INTO cake (name) VALUES ('plum')", ()).await.unwrap();
        assert_eq!(names(&db).await, ["carrot", "plum"]);
        assert!(names(&outside).await.is_empty());
        transaction.rollback().await;
        assert!(names(&outside).await.is_empty());
        let kept = Transaction::new(&database, Terms::default());
        named("lemon").insert(&Db::within(&kept)).await.unwrap();
        kept.commit().await.unwrap();
        assert_eq!(names(&outside).await, ["lemon"]);
        // After the commit it reads and no longer writes, as everything else.
        assert_eq!(names(&Db::within(&kept)).await, ["lemon"]);
        let late = named("late").insert(&Db::within(&kept)).await.unwrap_err();
        assert_eq!(sea_orm_error_kind(&late), Some(ErrorKind::Ended), "{late}");
    }
}

#[tokio::test]
async fn what_the_database_refuses_is_known() {
    for database in both() {
        let db = with_cakes(&database).await;
        named("carrot").insert(&db).await.unwrap();
        let twice = named("carrot").insert(&db).await.unwrap_err();
        assert_eq!(sea_orm_error_kind(&twice), Some(ErrorKind::Unique));
        assert!(matches!(twice.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))), "{twice}");
        let reading = Transaction::new(&database, Terms::read_only());
        let write = named("plum").insert(&Db::within(&reading)).await.unwrap_err();
        assert_eq!(sea_orm_error_kind(&write), Some(ErrorKind::ReadOnly), "{write}");
        let error: flagon_sql::Error = twice.into();
        assert_eq!(error.kind(), ErrorKind::Unique);
        let ended = Transaction::new(&database, Terms::default());
        let command = Db::within(&ended).execute_unprepared("COMMIT").await.unwrap_err();
        assert_eq!(sea_orm_error_kind(&command), Some(ErrorKind::ImplicitCommit), "{command}");
    }
}

#[tokio::test]
async fn a_transaction_within_one_is_a_part_of_it() {
    for database in both() {
        let outside = with_cakes(&database).await;
        let whole = Transaction::new(&database, Terms::default());
        let db = Db::within(&whole);
        let kept = db.begin().await.unwrap();
        named("kept").insert(&kept).await.unwrap();
        let inner = kept.begin().await.unwrap();
        named("undone").insert(&inner).await.unwrap();
        inner.rollback().await.unwrap();
        kept.commit().await.unwrap();
        let dropped = db.begin().await.unwrap();
        named("dropped").insert(&dropped).await.unwrap();
        drop(dropped);
        // By its full name, as a `Db` has a `transaction` of its own.
        let failed = TransactionTrait::transaction::<_, (), DbErr>(&db, |part| {
            Box::pin(async move {
                named("failed").insert(part).await?;
                Err(DbErr::Custom("no".to_owned()))
            })
        });
        failed.await.unwrap_err();
        assert_eq!(names(&db).await, ["kept"]);
        whole.commit().await.unwrap();
        assert_eq!(names(&outside).await, ["kept"]);
        let own = outside.begin().await.unwrap();
        named("own").insert(&own).await.unwrap();
        own.commit().await.unwrap();
        let dropped = outside.begin().await.unwrap();
        named("dropped").insert(&dropped).await.unwrap();
        drop(dropped);
        assert_eq!(names(&outside).await, ["kept", "own"]);
    }
}
