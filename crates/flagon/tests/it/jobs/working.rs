//! Workers in the process: woken by a commit, fast enough without looking, and ended in order.

use super::*;

/// Waits until `id` is at its end.
fn wait_for_end(client: &Client, id: i64) -> State {
    loop {
        let state = state(client, id);
        if state.is_final() {
            return state;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn served(url: &str) -> Client {
    client(
        app().configure(|config| {
            config.jobs.workers = 3;
            config.jobs.poll = Duration::from_hours(1); // only a commit wakes them
        }),
        url,
    )
}

#[test]
fn a_commit_wakes_the_workers_of_its_process() {
    for url in ["sqlite::memory:".to_owned(), Server::shared().database()] {
        let client = served(&url);
        let workers = client.app().start_workers().unwrap().unwrap();
        for text in ["one", "two", "three"] {
            let id: i64 = client.post(&format!("/notes/{text}")).wait().text().parse().unwrap();
            assert_eq!(wait_for_end(&client, id), State::Done);
        }
        assert_eq!(notes(&client), ["one", "two", "three"]);
        workers.stop();
        let queue = client.app().current_app().job_queue();
        assert_eq!(client.block_on(queue.workers(Moment::now())).unwrap(), 0, "they have taken their leave");
    }
}

#[test]
fn a_delayed_job_wakes_them_at_its_time() {
    let client = served("sqlite::memory:");
    let workers = client.app().start_workers().unwrap().unwrap();
    let id = within(&client, note("soon".into()).delay(Duration::from_millis(30)).enqueue()).unwrap().id();
    assert_eq!(wait_for_end(&client, id), State::Done);
    workers.stop();
}

#[test]
fn many_at_a_time_are_each_run_once() {
    for url in ["sqlite::memory:".to_owned(), Server::shared().database()] {
        let client = served(&url);
        let last = within(&client, async {
            let mut last = 0;
            for number in 0..60 {
                last = note(number.to_string()).enqueue().await.unwrap().id();
            }
            last
        });
        let crews: Vec<_> = (0..2).map(|_| client.app().start_workers().unwrap().unwrap()).collect();
        for id in 1..=last {
            assert_eq!(wait_for_end(&client, id), State::Done);
        }
        crews.into_iter().for_each(flagon::jobs::Workers::stop);
        let mut numbers: Vec<u32> = notes(&client).iter().map(|text| text.parse().unwrap()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..60).collect::<Vec<_>>());
    }
}

#[test]
fn without_workers_or_jobs_none_are_started() {
    let client = client(app().configure(|config| config.jobs.workers = 0), "sqlite::memory:");
    assert!(client.app().start_workers().unwrap().is_none());
    assert!(App::new("none").build().unwrap().start_workers().unwrap().is_none());
}
