//! The old app behind this one: what is not routed here goes there.
//!
//! In: a request that no rule of the app fits, or whose rule was switched over. Out: the other server's answer, unchanged. Never: a
//! session, a hook, a check for forged requests or a header of the app's own around that answer; the other app has its own.

mod shape;
mod counts;
mod switches;
mod passing;

pub(crate) use counts::Counts;
pub use counts::UpstreamCount;
pub(crate) use passing::{Finished, Passing, finish};
pub use switches::Side;
pub(crate) use switches::Switches;
