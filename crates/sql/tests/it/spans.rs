//! Each statement is a span with its time and its rows, and an event for logs; neither has the values.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use flagon_sql::{Db, Terms, Transaction};
use futures_util::TryStreamExt as _;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::databases::both;

type Fields = BTreeMap<&'static str, String>;

/// What was told, in the order in which it began.
#[derive(Default)]
struct Told {
    spans: Mutex<Vec<Fields>>,
    events: Mutex<Vec<Fields>>,
    entered: Mutex<Vec<usize>>,
}

struct Listener(Arc<Told>);

struct Into<'f>(&'f mut Fields);

impl Visit for Into<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target() == "flagon::sql"
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_ours(metadata)
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::from([("name", span.metadata().name().to_owned())]);
        span.record(&mut Into(&mut fields));
        let mut spans = self.0.spans.lock().unwrap();
        spans.push(fields);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let at = usize::try_from(span.into_u64()).unwrap() - 1;
        values.record(&mut Into(&mut self.0.spans.lock().unwrap()[at]));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Into(&mut fields));
        self.0.events.lock().unwrap().push(fields);
    }

    fn enter(&self, span: &Id) {
        self.0.entered.lock().unwrap().push(usize::try_from(span.into_u64()).unwrap() - 1);
    }

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn each_statement_is_a_span_with_time_and_rows() {
    for database in both() {
        // Whether anybody listens is asked when the first statement is carried out, by whichever test, and again when somebody begins to.
        database.db().query("SELECT 1", ()).all().await.unwrap();
        let told = Arc::new(Told::default());
        let guard = tracing::subscriber::set_default(Listener(Arc::clone(&told)));
        let db = database.db();
        db.execute("CREATE TABLE span (id INTEGER PRIMARY KEY, a VARCHAR(20))", ()).await.unwrap();
        let rows = [(1, "secret-1"), (2, "secret-2"), (3, "secret-3")];
        db.insert_many("INSERT INTO span (id, a) VALUES (?, ?)", rows).await.unwrap();
        db.query("SELECT * FROM span WHERE a <> 'secret-4' AND id < ?", (3,)).all().await.unwrap();
        db.execute("UPDATE span SET a = ? WHERE id > 1", ("secret-5",)).await.unwrap();
        db.query("SELECT * FROM spam", ()).all().await.unwrap_err();
        let mut stream = db.query("SELECT id FROM span", ()).stream();
        while stream.try_next().await.unwrap().is_some() {}
        let transaction = Transaction::new(&database, Terms::default());
        Db::within(&transaction).execute("DELETE FROM span WHERE id = 1", ()).await.unwrap();
        transaction.commit().await.unwrap();
        drop(guard);

        let spans = told.spans.lock().unwrap();
        let find = |begin: &str| {
            let found = spans
                .iter()
                .position(|span| span.get("digest").is_some_and(|digest| digest.starts_with(begin)));
            found.unwrap_or_else(|| panic!("{begin}: {spans:#?}"))
        };
        for (begin, rows) in [
            ("CREATE TABLE span", "0"),
            ("INSERT INTO span", "3"),
            ("SELECT * FROM span WHERE", "2"),
            ("UPDATE span", "2"),
            ("SELECT id FROM span", "3"),
            ("DELETE FROM span", "1"),
            ("COMMIT", "0"),
        ] {
            let at = find(begin);
            let span = &spans[at];
            assert_eq!(
                (&*span["name"], span.get("rows").map(|rows| &**rows)),
                ("statement", Some(rows)),
                "{begin}"
            );
            assert!(span["milliseconds"].parse::<f64>().unwrap() > 0.0, "{span:?}");
            assert!(!span.contains_key("error"), "{span:?}");
            // A stream is read by its reader, in whose spans it is.
            let is_within = told.entered.lock().unwrap().contains(&at) || begin == "SELECT id FROM span";
            assert!(is_within, "{begin} was carried out outside of its span");
        }
        let refused = &spans[find("SELECT * FROM spam")];
        assert!(refused.contains_key("error") && refused.contains_key("milliseconds"), "{refused:?}");
        let told_of_values = spans.iter().flat_map(BTreeMap::values).any(|value| value.contains("secret"));
        assert!(!told_of_values, "spans have digests: {spans:#?}");

        let events = told.events.lock().unwrap();
        let statements = events.iter().filter(|event| event.contains_key("sql"));
        assert_eq!(statements.count(), spans.len(), "an event for each");
        assert!(events.iter().any(
            |event| event.get("sql").is_some_and(|sql| sql.starts_with("UPDATE")) && event["rows"] == "2"
        ));
        assert!(
            !events.iter().flat_map(BTreeMap::values).any(|value| value.contains("secret-5")),
            "{events:#?}"
        );
    }
}
