//! Compression, rate limits, requests that may be repeated, and more requests than a server can work on.
//!
//! # Compression
//!
//! # Rate limits
//!
//! # Idempotency-Key
