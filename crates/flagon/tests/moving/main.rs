//! An app in front of another one, over real sockets; a module for each topic.

#![expect(clippy::unwrap_used, reason = "tests")]

mod sides;
mod routed;
mod messages;
mod failures;
mod attacks;
mod secure;
mod upgrades;
mod gunicorn;
mod in_place;
mod compared;
mod page;
mod large;
