//! Orders through the public API alone.
