//! How many connections each address has, in all threads together.
//!
//! In: the address of a new connection. Out: a [`Seat`] that is its own until it is dropped, or the word that there is none.
//! Never: more entries than there are connections.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The seats that each address has taken.
#[derive(Clone, Default)]
pub(crate) struct Seats(Arc<Mutex<HashMap<u128, usize>>>);

/// One connection of an address, until it is dropped.
pub(crate) struct Seat {
    seats: Seats,
    whose: u128,
}

/// Why there is no room for a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// The server has as many as it may.
    Server,
    /// The address has.
    Address,
}

impl Seats {
    /// Takes one of the `limit` seats of `address`.
    pub(crate) fn take(&self, address: IpAddr, limit: usize) -> Result<Seat, Full> {
        let whose = who(address);
        let mut counts = self.lock();
        if counts.get(&whose).copied().unwrap_or_default() >= limit {
            return Err(Full::Address);
        }
        *counts.entry(whose).or_default() += 1;
        Ok(Seat { seats: self.clone(), whose })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u128, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.seats.lock().entry(self.whose) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// An IPv4 address; the first half of an IPv6 address, as whoever has one has all of its 2^64 neighbours (RFC 6177 §2).
fn who(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits() >> 64 << 64 | 1 << 63,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_and_gives_them_back() {
        let seats = Seats::default();
        let take = |address: &str| seats.take(address.parse().unwrap(), 2);
        let held = [take("192.0.2.1").unwrap(), take("::ffff:192.0.2.1").unwrap()];
        assert_eq!(take("192.0.2.1").err(), Some(Full::Address));
        let others =
            [take("192.0.2.2").unwrap(), take("2001:db8::1").unwrap(), take("2001:db8::ff:2").unwrap()];
        assert_eq!(take("2001:db8::3").err(), Some(Full::Address));
        assert!(take("2001:db8:0:1::3").is_ok());
        drop((held, others));
        assert!(take("192.0.2.1").is_ok());
        assert!(seats.lock().is_empty(), "who has none is forgotten");
    }

    #[test]
    fn no_limit_leaves_an_entry_behind() {
        let seats = Seats::default();
        assert!(seats.take("192.0.2.1".parse().unwrap(), 0).is_err());
        assert!(seats.lock().is_empty());
    }
}
