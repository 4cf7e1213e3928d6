//! What each client gets for each error.
