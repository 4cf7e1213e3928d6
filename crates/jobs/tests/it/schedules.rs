//! Schedules: when they are due, across changes of the clock, and once among several processes.

use std::time::Duration;

use flagon_jobs::{Moment, NewJob, Schedule, State};
use proptest::prelude::*;

use crate::databases::{START, both, sqlite};

fn at(text: &str) -> Moment {
    let time: cronexpr::jiff::Timestamp = text.parse().unwrap();
    Moment::from_millis(time.as_millisecond())
}

fn scheduled() -> NewJob {
    let mut job = NewJob::new("tidy", "{}");
    job.unique = Some("schedule".to_owned());
    job
}

fn times(expression: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
    let schedule = Schedule::parse(expression, zone).unwrap();
    let next = |moment: &Moment| schedule.next(*moment);
    std::iter::successors(schedule.next(at(from)), next)
        .take(count)
        .map(|moment| moment.to_string())
        .collect()
}

#[test]
fn times_of_crontab() {
    assert_eq!(
        times("*/20 8-9 * * MON", "UTC", "2026-11-22T00:00:00Z", 4),
        ["2026-11-23 08:00:00", "2026-11-23 08:20:00", "2026-11-23 08:40:00", "2026-11-23 09:00:00"]
    );
    assert_eq!(
        times("@monthly", "UTC", "2026-11-22T00:00:00Z", 2),
        ["2026-12-01 00:00:00", "2027-01-01 00:00:00"]
    );
    assert_eq!(times("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", 1), ["2028-02-29 00:00:00"]);
    assert_eq!(times("0 9 * * *", "Asia/Shanghai", "2026-11-22T00:00:00Z", 1), ["2026-11-22 01:00:00"]);
}

#[test]
fn a_change_of_the_clock_is_no_day_without_a_night_job() {
    // In Vienna the hour from 2 to 3 is left out on 2026-03-29, and comes twice on 2026-10-25.
    assert_eq!(
        times("30 3 * * *", "Europe/Vienna", "2026-03-27T12:00:00Z", 3),
        ["2026-03-28 02:30:00", "2026-03-29 01:30:00", "2026-03-30 01:30:00"]
    );
    assert_eq!(
        times("30 3 * * *", "Europe/Vienna", "2026-10-23T12:00:00Z", 3),
        ["2026-10-24 01:30:00", "2026-10-25 02:30:00", "2026-10-26 02:30:00"]
    );
    assert_eq!(
        times("30 2 * * *", "Europe/Vienna", "2026-03-27T12:00:00Z", 2),
        ["2026-03-28 01:30:00", "2026-03-30 00:30:00"]
    );
}

#[test]
fn what_is_no_schedule_is_refused() {
    for (expression, zone) in [
        ("", "UTC"),
        ("* * * *", "UTC"),
        ("60 * * * *", "UTC"),
        ("0 0 * * *", "Mars/Olympus"),
        ("@often", "UTC"),
    ] {
        assert!(Schedule::parse(expression, zone).is_err(), "{expression} {zone}");
    }
}

#[tokio::test]
async fn each_time_is_taken_once_by_several_processes() {
    let schedule = Schedule::parse("*/5 * * * *", "UTC").unwrap();
    let job = scheduled();
    for queue in both().await {
        // Each of four processes looks at every minute of an hour.
        for minute in 0..60 {
            let now = START + Duration::from_secs(60 * minute);
            let looks = (0..4).map(|_| queue.tick(&schedule, &job, now));
            let enqueued = futures_util::future::join_all(looks)
                .await
                .into_iter()
                .filter(|tick| tick.as_ref().unwrap().enqueued.is_some());
            let is_due = minute > 0 && (START.millis() / 60_000 + i64::try_from(minute).unwrap()) % 5 == 0;
            assert_eq!(enqueued.count(), usize::from(is_due), "minute {minute}");
            for row in queue.list(Some(State::Ready), None, 10).await.unwrap() {
                queue.cancel(row.id, now).await.unwrap(); // so that the next has the key
            }
        }
    }
}

#[tokio::test]
async fn a_time_that_was_missed_is_made_up_for_once_and_a_run_is_not_joined_by_the_next() {
    let schedule = Schedule::parse("0 * * * *", "UTC").unwrap();
    let job = scheduled();
    let queue = sqlite().await;
    let hour = Duration::from_hours(1);
    assert_eq!(queue.tick(&schedule, &job, START).await.unwrap().enqueued, None, "it begins now");
    let later = START + 10 * hour;
    assert!(queue.tick(&schedule, &job, later).await.unwrap().enqueued.is_some());
    assert_eq!(queue.tick(&schedule, &job, later).await.unwrap().enqueued, None);
    queue.tick(&schedule, &job, later + hour).await.unwrap();
    assert_eq!(queue.counts().await.unwrap().ready, 1, "the first has not been run");
    let changed = Schedule::parse("30 * * * *", "UTC").unwrap();
    let tick = queue.tick(&changed, &job, later + 2 * hour).await.unwrap();
    assert_eq!((tick.enqueued, tick.next), (None, changed.next(later + 2 * hour)));
    assert_eq!(queue.schedules().await.unwrap()[0].expression, "30 * * * * UTC");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// The next time is after the one before, and nothing between fits: by asking each minute.
    #[test]
    fn no_time_is_left_out(minute in 0_u32..60, step in 1_u32..30, hour in 0_u32..24, from in 0_i64..4_000_000) {
        let expression = format!("{minute}/{step} {hour},{} * * *", (hour + 7) % 24);
        let Ok(schedule) = Schedule::parse(&expression, "UTC") else { return Ok(()) };
        let from = Moment::from_millis(from * 60_000 + 1_700_000_000_000 / 60_000 * 60_000);
        let next = schedule.next(from).unwrap();
        prop_assert!(next > from);
        let fits = |moment: Moment| {
            let minutes = u32::try_from(moment.millis() / 60_000 % 1440).unwrap();
            let (of_hour, of_day) = (minutes % 60, minutes / 60);
            (of_day == hour || of_day == (hour + 7) % 24) && of_hour >= minute && (of_hour - minute) % step == 0
        };
        let mut moment = from + Duration::from_mins(1);
        while moment < next {
            prop_assert!(!fits(moment), "{moment}");
            moment = moment + Duration::from_mins(1);
        }
        prop_assert!(fits(next));
    }
}
