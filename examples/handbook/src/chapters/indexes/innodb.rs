//! Reads the pages of an InnoDB index out of the file of its table.
//!
//! In: the bytes of an `.ibd` file that the server has written out, and where the root is. Out: the tree. Never: a page that the tree
//! does not lead to, or one more than the file has.

use super::tree::Page;

/// How large a page is.
const SIZE: usize = 16 * 1024;
/// Where the header of a page says how many records it has, how far up the heap goes, and how much of that is free again.
const RECORDS: usize = 54;
const HEAP_TOP: usize = 40;
const GARBAGE: usize = 44;
/// 0 for a leaf.
const LEVEL: usize = 64;
/// The record before the first, and the one behind the last.
const INFIMUM: usize = 99;
const SUPREMUM: usize = 112;
/// Where records begin, and what stands at the end.
const HEAD: usize = 120;
const TAIL: usize = 8;

/// The tree whose root is page `root`, and whose keys take `key` bytes; `None` when the file does not hold one.
pub(crate) fn tree(file: &[u8], root: u32, key: usize) -> Option<Page> {
    let pages = file.len() / SIZE;
    let mut left = pages; // no tree has more
    page(file, root, key, &mut left)
}

fn page(file: &[u8], number: u32, key: usize, left: &mut usize) -> Option<Page> {
    *left = left.checked_sub(1)?;
    let start = usize::try_from(number).ok()?.checked_mul(SIZE)?;
    let bytes = file.get(start..start.checked_add(SIZE)?)?;
    let field = |at: usize| Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let used = usize::from(field(HEAP_TOP)?).saturating_sub(HEAD + usize::from(field(GARBAGE)?));
    let children = match field(LEVEL)? {
        0 => Vec::new(),
        // Behind the key of each record stands the page whose keys begin with it.
        _ => records(bytes)?
            .into_iter()
            .map(|at| {
                let child = bytes.get(at + key..at + key + 4)?;
                page(file, u32::from_be_bytes(child.try_into().ok()?), key, left)
            })
            .collect::<Option<_>>()?,
    };
    let records = u64::from(field(RECORDS)?);
    Some(Page { number, records, fill: f64::from(u32::try_from(used).ok()?) / CAPACITY, children })
}

/// How many bytes of records a page takes.
#[expect(clippy::cast_precision_loss, reason = "a page has 16384 bytes")]
const CAPACITY: f64 = (SIZE - HEAD - TAIL) as f64;

/// Where the records begin, in the order of their keys: each says how far away the next is.
fn records(page: &[u8]) -> Option<Vec<usize>> {
    let mut found = Vec::new();
    let mut at = INFIMUM;
    while found.len() <= SIZE {
        let away = i16::from_be_bytes(page.get(at.checked_sub(2)?..at)?.try_into().ok()?);
        at = at.checked_add_signed(isize::from(away))?;
        if at == SUPREMUM {
            return Some(found);
        }
        found.push(at);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_something_else_gives_no_tree() {
        assert_eq!(tree(&[], 3, 4), None);
        assert_eq!(tree(&vec![0xff; SIZE * 5], 3, 4), None);
        let mut circle = vec![0; SIZE * 2];
        circle[SIZE + LEVEL + 1] = 1;
        circle[SIZE + INFIMUM - 2..SIZE + INFIMUM].copy_from_slice(&100_i16.to_be_bytes());
        let back = i16::try_from(SUPREMUM).unwrap() - 199;
        circle[SIZE + 197..SIZE + 199].copy_from_slice(&back.to_be_bytes());
        circle[SIZE + 203..SIZE + 207].copy_from_slice(&1_u32.to_be_bytes());
        assert_eq!(tree(&circle, 1, 4), None, "a page that leads to itself");
    }
}
