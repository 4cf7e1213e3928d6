//! What is logged meanwhile.

use std::{
    io,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tracing_subscriber::{Layer as _, filter::Targets, fmt::MakeWriter, layer::SubscriberExt as _};

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The events of `target` while `work` runs.
pub(crate) fn events(target: &str, work: impl FnOnce()) -> Vec<Value> {
    let kept = Kept::default();
    let layer = tracing_subscriber::fmt::layer().json().with_writer(kept.clone());
    let filter = Targets::new().with_target(target, tracing::Level::INFO);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer.with_filter(filter)), work);
    let bytes = kept.0.lock().unwrap();
    let lines = std::str::from_utf8(&bytes).unwrap().lines();
    lines.map(|line| serde_json::from_str::<Value>(line).unwrap()["fields"].clone()).collect()
}
