//! The probe as outside programs see it: started as a person would, asked over every version of HTTP and TLS.

#![expect(clippy::unwrap_used, reason = "tests")]

mod probe;
mod clients;
mod testssl;
mod client;
mod peer;
mod limits;
mod covered;
mod stalls;
mod full_disk;
