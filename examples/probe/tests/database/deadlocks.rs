//! Sixty-four clients on ten accounts.

use std::time::{Duration, Instant};

use crate::{
    client::Probe,
    load::{databases, in_database, under_load},
};

#[expect(clippy::print_stdout, reason = "the figures of a slow run")]
fn sixty_four_clients(time: Duration) {
    for (url, _folder) in databases() {
        let probe = Probe::start(&url);
        let begun = Instant::now();
        let logs = under_load((probe.address, "/transfer"), 64, time, || ());
        let others: Vec<_> = logs.iter().flat_map(|log| &log.others).collect();
        assert!(others.is_empty(), "{url}: {others:?}");
        let (sum, kept) = in_database(&url);
        assert_eq!(sum, 10_000, "{url}");
        let made: Vec<u64> = logs.iter().flat_map(|log| log.made.iter().copied()).collect();
        let refused: usize = logs.iter().map(|log| log.refused).sum();
        assert!(!made.is_empty());
        assert!(made.iter().all(|id| kept.contains(id)), "{url}: something acknowledged is missing");
        assert_eq!(made.len(), kept.len(), "{url}: something is there that nobody was told of");
        println!(
            "{url}: {} transfers, {refused} refused for want of money, in {:?}",
            made.len(),
            begun.elapsed()
        );
    }
}

#[test]
fn no_client_sees_a_deadlock_and_no_money_is_lost() {
    sixty_four_clients(Duration::from_secs(2));
}

#[test]
#[ignore = "slow: a minute on each database"]
fn no_client_sees_a_deadlock_for_a_minute() {
    sixty_four_clients(Duration::from_mins(1));
}
