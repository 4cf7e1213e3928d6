//! Connections, transactions, retries and migrations for Flagon.
