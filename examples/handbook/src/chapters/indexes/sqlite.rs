//! Reads the pages of a tree of SQLite, which its table `dbstat` lists.

use std::collections::BTreeMap;

use flagon::{prelude::*, sql::Db};

use super::tree::Page;

/// The tree `name`, of a table or an index.
///
/// # Errors
///
/// When there is none.
pub(crate) async fn tree(db: &Db, name: &str) -> Result<Page> {
    let sql = "SELECT path, pageno, ncell, 1.0 - unused * 1.0 / pgsize FROM dbstat \
        WHERE name = ? AND pagetype <> 'overflow' ORDER BY path DESC";
    let rows: Vec<(String, u32, u64, f64)> = db.query_as(sql, (name,)).all().await?;
    // `/` is the root, `/003/` the fourth page below it, `/003/00a/` the eleventh below that: children come before their parents here.
    let mut waiting: BTreeMap<String, Vec<Page>> = BTreeMap::new();
    for (path, number, records, fill) in rows {
        let mut children = waiting.remove(&path).unwrap_or_default();
        children.reverse();
        let page = Page { number, records, fill, children };
        match path.trim_end_matches('/').rfind('/') {
            Some(parent) => waiting.entry(path[..=parent].to_owned()).or_default().push(page),
            None => return Ok(page),
        }
    }
    abort_because(500, "SQLite lists no page of this tree")
}
