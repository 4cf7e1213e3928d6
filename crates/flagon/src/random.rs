//! Bytes that nobody can guess.

/// Gives `N` bytes from the system's generator.
///
/// # Panics
///
/// When the system has none, as in a sandbox without `getrandom`: nothing secret could be made then.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}
