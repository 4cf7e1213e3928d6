//! Ordering: what a client may wish, in the database and in memory.
//!
//! A list that can be ordered takes the wish from the query, `?sort=-score,name`: names with commas between them, `-` for descending. Which
//! names there are is said once, in the program. What a client writes is only ever compared with them, and never a part of a statement.
//!
//! ```
//! use flagon::{order::{Field, OrderBy}, prelude::*};
//!
//! const FIELDS: [Field; 3] = [
//!     Field::in_sql("score"),
//!     Field::in_sql("name").column("player.name"),
//!     Field::in_sql("id").unique(), // breaks ties, so that each row is on one page
//! ];
//!
//! #[derive(Deserialize)]
//! struct List {
//!     #[serde(default)]
//!     sort: String,
//!     page: Option<u32>,
//! }
//!
//! #[get("/players")]
//! async fn players(list: Query<List>) -> Result<Json<Vec<String>>> {
//!     let order = OrderBy::parse(&list.sort, &FIELDS)?; // a wrong name is a 400 that lists the right ones
//!     let players = db().query_as("SELECT name FROM player", ()).order_by(&order);
//!     Ok(Json(players.limit(20).offset(20 * list.page.unwrap_or(0).min(1000)).all().await?))
//! }
//!
//! let app = App::new("league").configure(|config| config.database = "sqlite::memory:".into());
//! let client = app.routes(routes![players]).test_client();
//! # let db = client.app().db();
//! # client.block_on(db.execute("CREATE TABLE player (id INTEGER PRIMARY KEY, name TEXT, score INTEGER)", ())).unwrap();
//! # let rows = [("Ada", 7), ("Grace", 9), ("Alan", 9)];
//! # client.block_on(db.insert_many("INSERT INTO player (name, score) VALUES (?, ?)", rows)).unwrap();
//! assert_eq!(client.get("/players?sort=-score,name").wait().json::<Vec<String>>(), ["Alan", "Grace", "Ada"]);
//! let refused = client.get("/players?sort=-height").wait();
//! assert_eq!(refused.status(), 400);
//! assert!(refused.text().contains("the fields to order by are `score`, `name` and `id`"));
//! ```
//!
//! ## What the database makes of it
//!
//! `order_by(&order)` writes `ORDER BY` with the fields' columns; `limit` and `offset` follow. A unique field is added where the client names
//! none, in the direction of the last one: an index on `(score)` of InnoDB, which has the primary key at its end, then serves both
//! directions. `Nulls::First` and `Nulls::Last` hold whatever the direction; unless one is said nulls are smallest, as both databases have
//! it, and only so an index serves. How text is ordered is the column's own collation, unless `Text::Exact` or `Text::IgnoreCase` is
//! said; where databases and memory differ is listed at [`Query::order_by`](crate::sql::Query::order_by).
//!
//! ## In memory
//!
//! Fields that know how to read a row order rows as well: [`OrderBy::sort`](crate::order::OrderBy::sort), and
//! [`OrderBy::top`](crate::order::OrderBy::top), which never sorts the rest.
//!
//! ```
//! use flagon::order::{Field, Nulls, OrderBy, Text};
//!
//! struct Player {
//!     name: String,
//!     score: Option<i64>,
//! }
//!
//! const FIELDS: [Field<Player>; 2] = [
//!     Field::new("score", |player: &Player| player.score.into()).nulls(Nulls::Last),
//!     Field::new("name", |player: &Player| (&player.name).into()).text(Text::IgnoreCase),
//! ];
//! let player = |name: &str, score| Player { name: name.into(), score };
//! let mut players = [player("grace", Some(9)), player("Ada", None), player("Élise", Some(9)), player("Alan", Some(9))];
//! OrderBy::parse("-score,name", &FIELDS)?.sort(&mut players);
//! assert_eq!(players.map(|player| player.name), ["Alan", "grace", "Élise", "Ada"]);
//! # Ok::<(), flagon::order::OrderError>(())
//! ```
//!
//! Values are taken from the rows once and packed into numbers, as many fields as fit; the result is that of a stable sort. For rows with
//! text it is about one and a half times to three times as fast as `sort_by` with a chained comparison, for a few numbers it gains little:
//! [the measurement](crate::order::OrderBy::sort). Beneath are sorts that may be used alone: two [quicksorts](crate::order::quicksort), which
//! end whatever a comparison does, and [multikey quicksort](crate::order::multikey) for text.
