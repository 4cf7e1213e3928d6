//! Work that is done later: a queue of jobs in the app's own database.
//!
//! In: jobs, within the transaction that needs them done. Out: the same jobs, each lent to one worker at a time. Never: knows an app, or
//! what a job does.
