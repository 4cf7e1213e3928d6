//! A tree of pages, as it was found in a file, and where each page is drawn.

use serde::Serialize;

/// A page of an index.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Page {
    /// Its number in the file.
    pub(crate) number: u32,
    /// How many records it has: rows or entries in a leaf, ways to other pages above.
    pub(crate) records: u64,
    /// How full it is, from 0 to 1.
    pub(crate) fill: f64,
    /// The pages that it leads to.
    pub(crate) children: Vec<Self>,
}

/// How a tree is and how it is drawn. Lengths are in units of the drawing, which is [`WIDTH`] wide.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Drawn {
    /// How many pages one goes through from the root to a leaf.
    pub(crate) levels: usize,
    /// How many pages there are.
    pub(crate) pages: usize,
    /// How many of them are leaves.
    pub(crate) leaves: usize,
    /// How many records the leaves have.
    pub(crate) records: u64,
    /// How full the leaves are, in percent.
    pub(crate) fill: u32,
    tall: f64,
    boxes: Vec<Box>,
    ways: Vec<String>,
}

/// A page on the drawing.
#[derive(Debug, Clone, Serialize)]
struct Box {
    x: f64,
    y: f64,
    wide: f64,
    full_y: f64,
    full: f64,
    is_leaf: bool,
    number: u32,
    records: u64,
    percent: u32,
}

/// How wide a drawing is.
const WIDTH: f64 = 600.0;
const WIDEST: f64 = 26.0;
const TALL: f64 = 30.0;
const STEP: f64 = 62.0;

impl Page {
    /// The pages by level, the root alone in the first.
    pub(crate) fn levels(&self) -> Vec<Vec<&Self>> {
        let mut levels = vec![vec![self]];
        while let Some(next) =
            levels.last().map(|last| last.iter().flat_map(|page| &page.children).collect::<Vec<_>>())
            && !next.is_empty()
        {
            levels.push(next);
        }
        levels
    }

    /// Puts each page in its place.
    #[expect(clippy::cast_precision_loss, reason = "there are some hundred pages")]
    pub(crate) fn drawn(&self) -> Drawn {
        let levels = self.levels();
        let widest = levels.iter().map(Vec::len).max().unwrap_or(1);
        let slot = (WIDTH / widest as f64).min(WIDEST * 1.25);
        let left = |level: &[&Self], place: usize| {
            let own = (WIDTH / level.len() as f64).min(slot.max(WIDTH / level.len() as f64 * 0.6));
            let own = if level.len() == widest { slot } else { own };
            (WIDTH - own * level.len() as f64) / 2.0 + own * (place as f64 + 0.5)
        };
        let wide = (slot * 0.8).min(WIDEST);
        let (mut boxes, mut ways) = (Vec::new(), Vec::new());
        for (depth, level) in levels.iter().enumerate() {
            let y = depth as f64 * STEP + 1.0;
            let mut child = 0;
            for (place, page) in level.iter().enumerate() {
                let middle = left(level, place);
                let wide = if depth + 1 == levels.len() { wide } else { WIDEST };
                boxes.push(page.placed(middle - wide / 2.0, y, wide));
                if let Some(below) = levels.get(depth + 1).filter(|_| !page.children.is_empty()) {
                    let (first, last) = (left(below, child), left(below, child + page.children.len() - 1));
                    child += page.children.len();
                    let (top, bottom) = (y + TALL, y + STEP);
                    ways.push(format!(
                        "{middle:.1},{top:.1} {:.1},{bottom:.1} {:.1},{bottom:.1}",
                        first - slot * 0.3,
                        last + slot * 0.3
                    ));
                }
            }
        }
        let leaves = levels.last().map_or(&[][..], Vec::as_slice);
        let fill = leaves.iter().map(|leaf| leaf.fill).sum::<f64>() / leaves.len().max(1) as f64;
        Drawn {
            levels: levels.len(),
            pages: levels.iter().map(Vec::len).sum(),
            leaves: leaves.len(),
            records: leaves.iter().map(|leaf| leaf.records).sum(),
            fill: percent(fill),
            tall: (levels.len() - 1) as f64 * STEP + TALL + 2.0,
            boxes,
            ways,
        }
    }

    fn placed(&self, x: f64, y: f64, wide: f64) -> Box {
        let full = TALL * self.fill.clamp(0.0, 1.0);
        Box {
            x,
            y,
            wide,
            full_y: y + TALL - full,
            full,
            is_leaf: self.children.is_empty(),
            number: self.number,
            records: self.records,
            percent: percent(self.fill),
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped")]
fn percent(part: f64) -> u32 {
    (part.clamp(0.0, 1.0) * 100.0).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_its_place_on_the_drawing() {
        let leaf = |number| Page { number, records: 10, fill: 0.5, children: Vec::new() };
        let inner = |from: u32, to| Page {
            number: from,
            records: 3,
            fill: 0.1,
            children: (from..to).map(leaf).collect(),
        };
        let root = Page { number: 3, records: 2, fill: 0.01, children: vec![inner(10, 13), inner(20, 60)] };
        let drawn = root.drawn();
        assert_eq!(
            (drawn.levels, drawn.pages, drawn.leaves, drawn.records, drawn.fill),
            (3, 46, 43, 430, 50)
        );
        assert!(
            drawn
                .boxes
                .iter()
                .all(|page| page.x >= 0.0 && page.x + page.wide <= WIDTH && page.y + TALL < drawn.tall)
        );
        let mut leaves: Vec<f64> =
            drawn.boxes.iter().filter(|page| page.is_leaf).map(|page| page.x + page.wide).collect();
        assert!(leaves.is_sorted());
        leaves.dedup();
        assert_eq!((leaves.len(), drawn.ways.len()), (43, 3));
    }
}
