//! What really ran when, as a drawing.
//!
//! In: pieces with their instants. Out: [`Timelines`] on one scale, in units of a drawing 1000 wide.

use std::{collections::BTreeSet, time::Instant};

use flagon::Result;
use serde::Serialize;

use super::ways::{self, Piece, Way, Work};

/// All ways on one scale.
#[derive(Debug, Serialize)]
pub(crate) struct Timelines {
    lines: Vec<Timeline>,
    /// The cores that were used, in order; their places in it choose colours.
    cores: Vec<usize>,
    millis: u128,
    has_cores: bool,
}

/// One way.
#[derive(Debug, Serialize)]
struct Timeline {
    way: Way,
    millis: u128,
    cores: usize,
    height: usize,
    bars: Vec<Bar>,
}

/// A slice of a piece.
#[derive(Debug, Serialize)]
struct Bar {
    x: f64,
    y: usize,
    width: f64,
    colour: usize,
}

/// How many colours there are.
const COLOURS: usize = 8;

/// The height of a row, and of the bar in it.
const ROW: usize = 16;

/// Does `work` in each way, one after the other.
///
/// # Errors
///
/// When a task panics.
pub(crate) async fn of(work: Work) -> Result<Timelines> {
    let mut measured = Vec::new();
    for way in Way::ALL {
        let began = Instant::now();
        measured.push((way, began, ways::run(way, work).await?));
    }
    let all = || measured.iter().flat_map(|(.., pieces)| pieces.iter().flatten());
    let cores: Vec<_> = all().filter_map(|slice| slice.core).collect::<BTreeSet<_>>().into_iter().collect();
    let longest = measured.iter().map(|(_, began, pieces)| length(*began, pieces)).max().unwrap_or(1).max(1);
    let lines = measured.iter().map(|(way, began, pieces)| line(*way, *began, pieces, longest, &cores));
    Ok(Timelines { lines: lines.collect(), has_cores: !cores.is_empty(), cores, millis: longest / 1_000_000 })
}

/// Nanoseconds from `began` to the last end.
fn length(began: Instant, pieces: &[Piece]) -> u128 {
    pieces.iter().flatten().map(|slice| (slice.to - began).as_nanos()).max().unwrap_or(0)
}

fn line(way: Way, began: Instant, pieces: &[Piece], longest: u128, cores: &[usize]) -> Timeline {
    let scaled = |at: Instant| 1000.0 * (at - began).as_secs_f64() / (nanos(longest) / 1e9);
    let mut bars = Vec::new();
    for (row, piece) in pieces.iter().enumerate() {
        for slice in piece {
            let place = slice.core.and_then(|core| cores.iter().position(|known| *known == core));
            let (x, end) = (scaled(slice.from), scaled(slice.to));
            bars.push(Bar {
                x,
                y: row * ROW,
                width: (end - x).max(1.0),
                colour: place.unwrap_or(0) % COLOURS,
            });
        }
    }
    let used: BTreeSet<_> = pieces.iter().flatten().filter_map(|slice| slice.core).collect();
    Timeline {
        way,
        millis: length(began, pieces) / 1_000_000,
        cores: used.len(),
        height: pieces.len() * ROW,
        bars,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a drawing needs no more")]
fn nanos(count: u128) -> f64 {
    count as f64
}
