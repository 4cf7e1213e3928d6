//! Stopping without a lost request.
//!
//! On SIGTERM or SIGINT the server stops step by step, and logs each:
//!
//! 1. The app is not ready any more ([`Shutdown::is_ready`](crate::Shutdown::is_ready)), but still answers, for as long as
//!    `server.timeouts.unready` says: a load balancer that asks for readiness sends its requests elsewhere.
//! 2. No connection is accepted any more. Idle ones close; begun requests are answered with `Connection: close`, or `GOAWAY` in
//!    HTTP/2. Streams of events end, and WebSockets are closed with the code 1001.
//! 3. When the last connection is gone, what outlives requests is finished: [`Shutdown::finish`](crate::Shutdown::finish).
//! 4. After `server.timeouts.shutdown`, counted from step 2, whatever is left is dropped and the log says what. A second signal does so
//!    at once.
//!
//! A supervisor that kills what does not stop in time, as Kubernetes does after `terminationGracePeriodSeconds`, has to allow for both
//! times together.
