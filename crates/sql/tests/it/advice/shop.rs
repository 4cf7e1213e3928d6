//! A shop whose tables lack twenty indexes, and what is asked of it.

use flagon_sql::{AssertSqlSafe, Database, Db, Dialect};

const TABLES: [&str; 9] = [
    "customer (id INTEGER PRIMARY KEY, email VARCHAR(60) NOT NULL, phone VARCHAR(20) NOT NULL, name VARCHAR(40) NOT NULL, city INTEGER NOT NULL, status VARCHAR(10) NOT NULL, created INTEGER NOT NULL)",
    "purchase (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, coupon VARCHAR(12) NOT NULL, country INTEGER NOT NULL, channel INTEGER NOT NULL, total INTEGER NOT NULL, created INTEGER NOT NULL, note VARCHAR(100) NOT NULL)",
    "item (id INTEGER PRIMARY KEY, purchase_id INTEGER NOT NULL, product_id INTEGER NOT NULL, quantity INTEGER NOT NULL, price INTEGER NOT NULL)",
    "product (id INTEGER PRIMARY KEY, sku VARCHAR(20) NOT NULL, category INTEGER NOT NULL, vendor INTEGER NOT NULL, price INTEGER NOT NULL, stock INTEGER NOT NULL, name VARCHAR(60) NOT NULL)",
    "review (id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL, customer_id INTEGER NOT NULL, stars INTEGER NOT NULL, created INTEGER NOT NULL, text VARCHAR(100) NOT NULL)",
    "event (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, session VARCHAR(20) NOT NULL, user_id INTEGER NOT NULL, path INTEGER NOT NULL, created INTEGER NOT NULL, text VARCHAR(60) NOT NULL)",
    "message (id INTEGER PRIMARY KEY, sender INTEGER NOT NULL, recipient INTEGER NOT NULL, is_read INTEGER NOT NULL, thread INTEGER NOT NULL, sent INTEGER NOT NULL, text VARCHAR(100) NOT NULL)",
    "login (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, ip VARCHAR(40) NOT NULL, created INTEGER NOT NULL, text VARCHAR(60) NOT NULL)",
    "setting (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL, value VARCHAR(20) NOT NULL)",
];

const INDEXES: [&str; 3] = [
    "CREATE INDEX purchase_channel ON purchase (channel, total)",
    "CREATE INDEX review_created ON review (created)",
    "CREATE INDEX event_path ON event (path, created)",
];

/// What is asked, and the index that it lacks: the table, and its columns; those before the `|` may come in any order.
pub(crate) const LACKING: [(&str, &str); 20] = [
    (
        "SELECT * FROM purchase WHERE customer_id = ? ORDER BY created DESC LIMIT 10",
        "purchase customer_id|created",
    ),
    ("SELECT id, total FROM purchase WHERE coupon = 'coupon-77'", "purchase coupon|"),
    ("SELECT * FROM purchase AS p WHERE p.country = ? AND p.created >= ?", "purchase country|created"),
    (
        "SELECT p.created, i.price FROM purchase p JOIN item i ON i.purchase_id = p.id WHERE p.id = ?",
        "item purchase_id|",
    ),
    ("SELECT sum(quantity) FROM item WHERE product_id = ?", "item product_id|"),
    ("SELECT * FROM product WHERE sku = ?", "product sku|"),
    ("SELECT * FROM product WHERE category = ? ORDER BY price LIMIT 20", "product category|price"),
    ("SELECT name FROM product WHERE vendor IN (?, ?)", "product vendor|"),
    ("SELECT text FROM review WHERE product_id = ? AND stars = ?", "review product_id stars|"),
    ("SELECT * FROM review WHERE customer_id = ? ORDER BY created DESC", "review customer_id|"),
    ("SELECT * FROM event WHERE session = ? ORDER BY created", "event session|"),
    ("SELECT * FROM event WHERE kind = ? AND created BETWEEN ? AND ?", "event kind|created"),
    ("SELECT max(created) FROM event WHERE user_id = ?", "event user_id|created"),
    ("SELECT * FROM message WHERE recipient = ? AND is_read = 0", "message recipient is_read|"),
    ("SELECT text FROM message m WHERE (thread = ?) AND text <> ''", "message thread|"),
    ("SELECT * FROM login WHERE ip = ? AND created > ?", "login ip|created"),
    ("SELECT id FROM customer WHERE email = ? FOR UPDATE", "customer email|"),
    ("SELECT * FROM customer WHERE name BETWEEN ? AND ?", "customer name|"),
    ("DELETE FROM login WHERE created < ?", "login created|"),
    ("UPDATE customer SET status = ? WHERE phone = ?", "customer phone|"),
];

/// What is asked and lacks nothing: because an index is there, the table is small, most rows are asked for, or no index could help.
pub(crate) const CONTENT: [&str; 20] = [
    "SELECT * FROM customer WHERE id = ?",
    "SELECT * FROM purchase WHERE channel = ? AND total > ?",
    "SELECT * FROM product ORDER BY id LIMIT 20",
    "SELECT count(*) FROM item",
    "SELECT value FROM setting WHERE name = ?",
    "SELECT * FROM customer WHERE status = 'active'",
    "SELECT avg(price) FROM product",
    "SELECT * FROM review ORDER BY created DESC LIMIT 10",
    "SELECT * FROM event WHERE path = ? ORDER BY created LIMIT 5",
    "SELECT p.name FROM item AS i JOIN product AS p ON p.id = i.product_id WHERE i.id = ?",
    "SELECT * FROM customer WHERE lower(name) = ?",
    "SELECT * FROM product WHERE name LIKE '%7-9%'",
    "SELECT id FROM purchase WHERE id BETWEEN ? AND ?",
    "SELECT * FROM item LIMIT 10",
    "SELECT * FROM message WHERE id IN (?, ?, ?)",
    "UPDATE product SET stock = stock - 1 WHERE id = ?",
    "DELETE FROM message WHERE id = ?",
    "SELECT * FROM purchase WHERE total >= 0",
    "SELECT total FROM purchase WHERE channel = ?",
    "SELECT * FROM customer ORDER BY created",
];

/// Numbers that look like chance, and are the same each time.
fn mixed(n: i64, salt: i64, below: i64) -> i64 {
    let mut x =
        n.wrapping_mul(-7_046_029_254_386_353_131).wrapping_add(salt.wrapping_mul(1_442_695_040_888_963));
    x = (x ^ (x >> 30)).wrapping_mul(-4_658_895_280_553_007_687);
    x = (x ^ (x >> 27)).wrapping_mul(-7_723_592_293_110_705_685);
    (x ^ (x >> 31)).rem_euclid(below)
}

/// The shop with its rows.
pub(crate) async fn open(database: &Database) -> Db {
    let db = database.db();
    let engine = if db.dialect() == Dialect::MySql { " ENGINE=InnoDB" } else { "" };
    for table in TABLES {
        db.execute(AssertSqlSafe(format!("CREATE TABLE {table}{engine}")), ()).await.unwrap();
    }
    for index in INDEXES {
        db.execute(index, ()).await.unwrap();
    }
    people(&db).await;
    goods(&db).await;
    traffic(&db).await;
    if db.dialect() == Dialect::MySql {
        let all = "ANALYZE TABLE customer, purchase, item, product, review, event, message, login, setting";
        db.query(all, ()).all().await.unwrap();
    }
    db
}

async fn people(db: &Db) {
    let customers = (1..=5_000).map(|n| {
        let status = if n % 20 == 0 { "gone" } else { "active" };
        (
            n,
            format!("c{n}@example.org"),
            format!("0{n}"),
            format!("name-{}", mixed(n, 1, 9_000)),
            mixed(n, 2, 40),
            status,
            n,
        )
    });
    db.insert_many("INSERT INTO customer VALUES (?, ?, ?, ?, ?, ?, ?)", customers).await.unwrap();
    let purchases = (1..=12_000).map(|n| {
        let coupon = format!("coupon-{}", mixed(n, 3, 900));
        (
            n,
            mixed(n, 4, 100),
            coupon,
            mixed(n, 5, 30),
            mixed(n, 6, 20),
            mixed(n, 7, 5_000),
            mixed(n, 8, 90_000),
            "as it was",
        )
    });
    db.insert_many("INSERT INTO purchase VALUES (?, ?, ?, ?, ?, ?, ?, ?)", purchases).await.unwrap();
}

async fn goods(db: &Db) {
    let items = (1..=18_000)
        .map(|n| (n, mixed(n, 9, 12_000) + 1, mixed(n, 10, 3_000) + 1, mixed(n, 11, 9), mixed(n, 12, 500)));
    db.insert_many("INSERT INTO item VALUES (?, ?, ?, ?, ?)", items).await.unwrap();
    let products = (1..=3_000).map(|n| {
        (
            n,
            format!("sku-{n}"),
            mixed(n, 13, 8),
            mixed(n, 14, 300),
            mixed(n, 15, 10_000),
            7,
            format!("product {}-{n}", n % 70),
        )
    });
    db.insert_many("INSERT INTO product VALUES (?, ?, ?, ?, ?, ?, ?)", products).await.unwrap();
    let reviews = (1..=10_000).map(|n| {
        (n, mixed(n, 16, 50), mixed(n, 17, 3_000), mixed(n, 18, 5) + 1, mixed(n, 19, 80_000), "well made")
    });
    db.insert_many("INSERT INTO review VALUES (?, ?, ?, ?, ?, ?)", reviews).await.unwrap();
    let settings = (1..=10).map(|n| (n, format!("name-{n}"), "on"));
    db.insert_many("INSERT INTO setting VALUES (?, ?, ?)", settings).await.unwrap();
}

async fn traffic(db: &Db) {
    let events = (1..=15_000).map(|n| {
        (
            n,
            mixed(n, 20, 12),
            format!("s{}", mixed(n, 21, 2_000)),
            mixed(n, 22, 50),
            mixed(n, 23, 90),
            mixed(n, 24, 100_000),
            "seen",
        )
    });
    db.insert_many("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", events).await.unwrap();
    let messages = (1..=8_000).map(|n| {
        let is_read = i64::from(mixed(n, 25, 8) > 0);
        (
            n,
            mixed(n, 26, 60),
            mixed(n, 27, 20),
            is_read,
            mixed(n, 28, 2_000),
            mixed(n, 29, 90_000),
            "see you there",
        )
    });
    db.insert_many("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?)", messages).await.unwrap();
    let logins = (1..=9_000).map(|n| {
        (n, mixed(n, 30, 800), format!("198.51.100.{}", mixed(n, 31, 30)), mixed(n, 32, 90_000), "from afar")
    });
    db.insert_many("INSERT INTO login VALUES (?, ?, ?, ?, ?)", logins).await.unwrap();
}
