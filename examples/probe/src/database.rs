//! Rows of a database: single ones, many, updates, a page, and money that moves.

use std::{
    cell::Cell,
    hash::{BuildHasher as _, RandomState},
};

use flagon::prelude::*;

/// A row that load generators ask for.
#[derive(Serialize, Row)]
#[serde(rename_all = "camelCase")]
pub(crate) struct World {
    id: i64,
    random_number: i64,
}

const ROWS: u64 = 10_000;

async fn find(id: i64) -> Result<Option<World>> {
    Ok(db().query_as("SELECT id, random_number FROM world WHERE id = ?", (id,)).optional().await?)
}

#[get("/db/row/<int:id>")]
pub(crate) async fn row(id: i64) -> Result<Json<World>> {
    Ok(Json(find(id).await?.or_404()?))
}

#[derive(Deserialize)]
pub(crate) struct Count {
    n: Option<u16>,
}

/// As many ids as were asked for, in order: who locks rows in one order meets nobody who locks them in another.
fn some_ids(count: &Count, default: u16) -> Vec<i64> {
    let mut ids: Vec<i64> =
        (0..count.n.unwrap_or(default).clamp(1, 500)).map(|_| (random() % ROWS).cast_signed() + 1).collect();
    ids.sort_unstable();
    ids
}

#[get("/db/rows")]
pub(crate) async fn rows(count: Query<Count>) -> Result<Json<Vec<World>>> {
    let mut worlds = Vec::new();
    for id in some_ids(&count, 20) {
        worlds.extend(find(id).await?);
    }
    Ok(Json(worlds))
}

#[post("/db/update")]
pub(crate) async fn update(count: Query<Count>) -> Result<Json<Vec<World>>> {
    let mut worlds = Vec::new();
    for id in some_ids(&count, 5) {
        let mut world = find(id).await?.or_404()?;
        world.random_number = (random() % ROWS).cast_signed() + 1;
        db().execute("UPDATE world SET random_number = ? WHERE id = ?", (world.random_number, id)).await?;
        worlds.push(world);
    }
    Ok(Json(worlds))
}

#[derive(Serialize, Row)]
struct Fortune {
    id: i64,
    message: String,
}

#[get("/db/fortunes")]
pub(crate) async fn fortunes_of_database() -> Result<Html> {
    let mut fortunes: Vec<Fortune> = db().query_as("SELECT id, message FROM fortune", ()).all().await?;
    fortunes.push(Fortune { id: 0, message: "Additional fortune added at request time.".to_owned() });
    fortunes.sort_by(|one, other| one.message.cmp(&other.message));
    render("fortunes.html", context! { fortunes })
}

#[derive(Deserialize)]
pub(crate) struct Order {
    from: i64,
    to: i64,
    amount: i64,
}

/// The number of a transfer that was made.
#[derive(Serialize)]
pub(crate) struct Made {
    id: i64,
}

/// Moves money from one account to another. Two that cross wait for each other; the database gives one of them up, and it is made again.
#[post("/transfer")]
pub(crate) async fn transfer(order: Query<Order>) -> Result<Json<Made>> {
    make(&order).await
}

/// The same where the tables may be of an engine that can't roll back.
#[post("/transfer/mixed", mixed_engines)]
pub(crate) async fn transfer_mixed(order: Query<Order>) -> Result<Json<Made>> {
    make(&order).await
}

async fn make(order: &Order) -> Result<Json<Made>> {
    let Order { from, to, amount } = *order;
    if amount <= 0 || from == to {
        return abort_because(422, "An amount moves from one account to another.");
    }
    let balance = db().query_as::<i64>("SELECT balance FROM account WHERE id = ?", (from,)).for_update();
    if balance.optional().await?.or_404()? < amount {
        return abort_because(409, "There is not enough on the account.");
    }
    db().execute("UPDATE account SET balance = balance - ? WHERE id = ?", (amount, from)).await?;
    if db().execute("UPDATE account SET balance = balance + ? WHERE id = ?", (amount, to)).await? == 0 {
        return abort(404);
    }
    let insert = "INSERT INTO transfer (from_account, to_account, amount) VALUES (?, ?, ?)";
    Ok(Json(Made { id: db().insert(insert, (from, to, amount)).await? }))
}

#[derive(Serialize, Row)]
pub(crate) struct Account {
    id: i64,
    balance: i64,
}

#[get("/accounts")]
pub(crate) async fn accounts() -> Result<Json<Vec<Account>>> {
    Ok(Json(db().query_as("SELECT id, balance FROM account ORDER BY id", ()).all().await?))
}

/// A number nobody can foresee well; good enough to pick rows.
fn random() -> u64 {
    thread_local! {
        static STATE: Cell<u64> = Cell::new(RandomState::new().hash_one(0) | 1);
    }
    STATE.with(|state| {
        let mut next = state.get(); // xorshift64
        next ^= next << 13;
        next ^= next >> 7;
        next ^= next << 17;
        state.set(next);
        next
    })
}
