//! What `examples/probe` does with its database, on actix-web and diesel-async as their own examples write it.
//!
//! `actix-diesel ADDRESS DATABASE-URL THREADS CONNECTIONS`; the tables are the probe's. As actix' workers each make their app, each has
//! its part of the connections.

use std::env;

use actix_web::{
    App, HttpServer, error, get, post,
    web::{Data, Html, Json, Path, Query},
};
use askama::Template;
use diesel::prelude::*;
use diesel_async::{
    AsyncConnection, AsyncMysqlConnection, RunQueryDsl,
    pooled_connection::{AsyncDieselConnectionManager, deadpool::Pool},
};
use serde::{Deserialize, Serialize};

diesel::table! {
    world (id) {
        id -> Integer,
        random_number -> Integer,
    }
}

diesel::table! {
    fortune (id) {
        id -> Integer,
        message -> Text,
    }
}

#[derive(Serialize, Queryable)]
#[serde(rename_all = "camelCase")]
struct World {
    id: i32,
    random_number: i32,
}

#[derive(Queryable)]
struct Fortune {
    id: i32,
    message: String,
}

#[derive(Template)]
#[template(path = "fortunes.html")]
struct Fortunes {
    fortunes: Vec<Fortune>,
}

#[derive(Deserialize)]
struct Count {
    n: Option<u16>,
}

type Connections = Pool<AsyncMysqlConnection>;
type Result<T> = std::result::Result<T, actix_web::Error>;

fn failed(error: impl std::error::Error + 'static) -> actix_web::Error {
    error::ErrorInternalServerError(error.to_string())
}

fn some_ids(count: &Count, default: u16) -> Vec<i32> {
    let mut ids: Vec<_> =
        (0..count.n.unwrap_or(default).clamp(1, 500)).map(|_| fastrand::i32(1..=10_000)).collect();
    ids.sort_unstable();
    ids
}

#[get("/db/row/{id}")]
async fn read_row(pool: Data<Connections>, id: Path<i32>) -> Result<Json<World>> {
    let mut connection = pool.get().await.map_err(failed)?;
    Ok(Json(world::table.find(*id).first(&mut connection).await.map_err(failed)?))
}

#[get("/db/rows")]
async fn read_rows(pool: Data<Connections>, count: Query<Count>) -> Result<Json<Vec<World>>> {
    let mut connection = pool.get().await.map_err(failed)?;
    let mut worlds = Vec::new();
    for id in some_ids(&count, 20) {
        worlds.push(world::table.find(id).first(&mut connection).await.map_err(failed)?);
    }
    Ok(Json(worlds))
}

#[post("/db/update")]
async fn update_rows(pool: Data<Connections>, count: Query<Count>) -> Result<Json<Vec<World>>> {
    let mut connection = pool.get().await.map_err(failed)?;
    let ids = some_ids(&count, 5);
    let worlds = connection.transaction(async move |connection| {
        let mut worlds = Vec::new();
        for id in ids {
            let mut found: World = world::table.find(id).first(connection).await?;
            found.random_number = fastrand::i32(1..=10_000);
            let update = diesel::update(world::table.find(id));
            update.set(world::random_number.eq(found.random_number)).execute(connection).await?;
            worlds.push(found);
        }
        Ok::<_, diesel::result::Error>(worlds)
    });
    Ok(Json(worlds.await.map_err(failed)?))
}

#[get("/db/fortunes")]
async fn show_fortunes(pool: Data<Connections>) -> Result<Html> {
    let mut connection = pool.get().await.map_err(failed)?;
    let mut fortunes: Vec<Fortune> = fortune::table.load(&mut connection).await.map_err(failed)?;
    fortunes.push(Fortune { id: 0, message: "Additional fortune added at request time.".to_owned() });
    fortunes.sort_by(|one, other| one.message.cmp(&other.message));
    Ok(Html::new(Fortunes { fortunes }.render().map_err(failed)?))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = env::args().collect();
    let [_, address, url, threads, connections] = &arguments[..] else {
        panic!("actix-diesel ADDRESS DATABASE-URL THREADS CONNECTIONS");
    };
    let threads: usize = threads.parse().expect("a number of threads");
    let connections: usize = connections.parse().expect("a number of connections");
    let url = url.clone();
    let app = move || {
        let manager = AsyncDieselConnectionManager::<AsyncMysqlConnection>::new(&url);
        let pool: Connections =
            Pool::builder(manager).max_size((connections / threads).max(1)).build().expect("a pool");
        App::new().app_data(Data::new(pool)).service(read_row).service(read_rows).service(update_rows).service(show_fortunes)
    };
    HttpServer::new(app).workers(threads).bind(address)?.run().await
}
