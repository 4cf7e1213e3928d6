//! Ordering for Flagon: by several fields, for databases and in memory.
//!
//! In: what a client asked for (`-score,name`), and the fields that may be asked for. Out: an [`OrderBy`], which a database or
//! [`OrderBy::sort`] orders by. Never: lets what a client wrote into SQL, or takes longer than O(n log n).
//!
//! Beneath it are parts of their own: the two [`quicksort`]s, [`multikey`] quicksort for text, and [`top_k`].
//!
//! Modules in reading order; each uses only those above it.

mod key;
mod fold;
mod field;
mod error;
mod order_by;
mod permutation;
pub mod quicksort;
pub mod multikey;
mod top;
mod sort;

pub use error::{OrderError, OrderErrorKind};
pub use field::{Direction, Field, Nulls, Term, Text};
pub use key::Key;
pub use order_by::OrderBy;
pub use top::top_k;
