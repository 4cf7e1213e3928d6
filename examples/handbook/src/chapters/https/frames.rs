//! The frames of the reader's HTTP/2 connection, and what header compression made of its fields.

use flagon::{FieldSizes, FrameHead, FrameKind, Way, prelude::*};

/// What the connection remembers, for the template.
#[derive(Debug, Serialize)]
pub(super) struct Frames {
    rows: Vec<Row>,
    forgotten: u64,
    fields: Vec<Fields>,
}

#[derive(Debug, Serialize)]
struct Row {
    milliseconds: String,
    way: &'static str,
    kind: String,
    stream: u32,
    flags: String,
    length: u32,
}

/// The fields of one direction.
#[derive(Debug, Serialize)]
struct Fields {
    way: &'static str,
    messages: u64,
    plain: u64,
    compressed: u64,
    /// What is left, in percent.
    left: u64,
}

impl Frames {
    /// Those of the current request's connection; `None` where it has none, which is HTTP/1.
    pub(super) fn here() -> Option<Self> {
        let request = request();
        let log = request.connection().frames.as_ref()?;
        let fields = [Way::In, Way::Out].map(|way| Fields::new(way, log.fields(way)));
        Some(Self {
            rows: log.frames().iter().map(Row::new).collect(),
            forgotten: log.forgotten(),
            // The answer that this is a part of has not gone out yet: on a new connection there is none.
            fields: fields.into_iter().filter(|fields| fields.messages > 0).collect(),
        })
    }
}

impl Row {
    fn new(frame: &FrameHead) -> Self {
        Self {
            milliseconds: format!("{:.1}", frame.at.as_secs_f64() * 1000.0),
            way: name(frame.way),
            kind: kind(frame.kind),
            stream: frame.stream,
            flags: flags(frame),
            length: frame.length,
        }
    }
}

impl Fields {
    fn new(way: Way, sizes: FieldSizes) -> Self {
        let FieldSizes { messages, plain, compressed, .. } = sizes;
        Self { way: name(way), messages, plain, compressed, left: compressed * 100 / plain.max(1) }
    }
}

fn name(way: Way) -> &'static str {
    match way {
        Way::In => "in",
        Way::Out => "out",
    }
}

/// The name that RFC 9113 §6 gives it.
fn kind(kind: FrameKind) -> String {
    match kind {
        FrameKind::Data => "DATA".to_owned(),
        FrameKind::Headers => "HEADERS".to_owned(),
        FrameKind::Priority => "PRIORITY".to_owned(),
        FrameKind::RstStream => "RST_STREAM".to_owned(),
        FrameKind::Settings => "SETTINGS".to_owned(),
        FrameKind::PushPromise => "PUSH_PROMISE".to_owned(),
        FrameKind::Ping => "PING".to_owned(),
        FrameKind::GoAway => "GOAWAY".to_owned(),
        FrameKind::WindowUpdate => "WINDOW_UPDATE".to_owned(),
        FrameKind::Continuation => "CONTINUATION".to_owned(),
        other => format!("{other:?}"),
    }
}

/// The names of the flags that are set.
fn flags(frame: &FrameHead) -> String {
    let known: &[(u8, &str)] = match frame.kind {
        FrameKind::Data => &[(1, "END_STREAM"), (8, "PADDED")],
        FrameKind::Headers => &[(1, "END_STREAM"), (4, "END_HEADERS"), (8, "PADDED"), (32, "PRIORITY")],
        FrameKind::PushPromise => &[(4, "END_HEADERS"), (8, "PADDED")],
        FrameKind::Continuation => &[(4, "END_HEADERS")],
        FrameKind::Settings | FrameKind::Ping => &[(1, "ACK")],
        _ => &[],
    };
    let set: Vec<_> = known.iter().filter(|(bit, _)| frame.flags & bit != 0).map(|(_, name)| *name).collect();
    set.join(" ")
}
