//! What `examples/probe` does with its database, on axum and sqlx as their own examples write it.
//!
//! `axum-sqlx ADDRESS DATABASE-URL THREADS CONNECTIONS`; the tables are the probe's.

use std::env;

use askama::Template;
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
    routing::{get, post},
    serve::ListenerExt,
};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, MySqlPool, mysql::MySqlPoolOptions};

#[derive(Serialize, FromRow)]
#[serde(rename_all = "camelCase")]
struct World {
    id: i32,
    random_number: i32,
}

#[derive(FromRow)]
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

struct Failed(String);

impl<E: std::error::Error> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0).into_response()
    }
}

const FIND: &str = "SELECT id, random_number FROM world WHERE id = ?";

fn some_ids(count: &Count, default: u16) -> Vec<i32> {
    let mut ids: Vec<_> =
        (0..count.n.unwrap_or(default).clamp(1, 500)).map(|_| fastrand::i32(1..=10_000)).collect();
    ids.sort_unstable();
    ids
}

async fn row(State(pool): State<MySqlPool>, Path(id): Path<i32>) -> Result<Json<World>, Failed> {
    Ok(Json(sqlx::query_as(FIND).bind(id).fetch_one(&pool).await?))
}

async fn rows(
    State(pool): State<MySqlPool>,
    Query(count): Query<Count>,
) -> Result<Json<Vec<World>>, Failed> {
    let mut connection = pool.acquire().await?;
    let mut worlds = Vec::new();
    for id in some_ids(&count, 20) {
        worlds.push(sqlx::query_as(FIND).bind(id).fetch_one(&mut *connection).await?);
    }
    Ok(Json(worlds))
}

async fn update(
    State(pool): State<MySqlPool>,
    Query(count): Query<Count>,
) -> Result<Json<Vec<World>>, Failed> {
    let mut transaction = pool.begin().await?;
    let mut worlds = Vec::new();
    for id in some_ids(&count, 5) {
        let mut world: World = sqlx::query_as(FIND).bind(id).fetch_one(&mut *transaction).await?;
        world.random_number = fastrand::i32(1..=10_000);
        let update = sqlx::query("UPDATE world SET random_number = ? WHERE id = ?");
        update.bind(world.random_number).bind(id).execute(&mut *transaction).await?;
        worlds.push(world);
    }
    transaction.commit().await?;
    Ok(Json(worlds))
}

async fn fortunes(State(pool): State<MySqlPool>) -> Result<Html<String>, Failed> {
    let mut fortunes: Vec<Fortune> =
        sqlx::query_as("SELECT id, message FROM fortune").fetch_all(&pool).await?;
    fortunes.push(Fortune { id: 0, message: "Additional fortune added at request time.".to_owned() });
    fortunes.sort_by(|one, other| one.message.cmp(&other.message));
    Ok(Html(Fortunes { fortunes }.render()?))
}

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let [_, address, url, threads, connections] = &arguments[..] else {
        panic!("axum-sqlx ADDRESS DATABASE-URL THREADS CONNECTIONS");
    };
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.enable_all().worker_threads(threads.parse().expect("a number of threads"));
    let connections = connections.parse().expect("a number of connections");
    runtime.build().expect("a runtime").block_on(async {
        let pool = MySqlPoolOptions::new().max_connections(connections).connect(url).await.expect("a database");
        let app = Router::new()
            .route("/db/row/{id}", get(row))
            .route("/db/rows", get(rows))
            .route("/db/update", post(update))
            .route("/db/fortunes", get(fortunes))
            .with_state(pool);
        let listener = tokio::net::TcpListener::bind(address).await.expect("a free address");
        let listener = listener.tap_io(|socket| socket.set_nodelay(true).expect("a socket of TCP"));
        axum::serve(listener, app).await.expect("it serves until it is stopped");
    });
}
