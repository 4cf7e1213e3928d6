//! `jobs list` and its kin.

use clap::Parser;
use flagon_jobs::{
    NewJob, Queue, Verdict, Worker,
    command::{Action, Answer, Colours, answer},
};

use crate::databases::{START, sqlite};

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    action: Action,
}

async fn typed(queue: &Queue, line: &str) -> Answer {
    let line = Line::try_parse_from(["jobs"].into_iter().chain(line.split(' '))).unwrap();
    answer(queue, &line.action, Colours::Avoid).await.unwrap()
}

async fn filled() -> Queue {
    let queue = sqlite().await;
    let worker = Worker::of_this_process();
    queue.register(&worker, START).await.unwrap();
    for name in ["send_mail", "resize"] {
        let job = NewJob::new(name, "{\"to\":\"ada\\u001b[2J\"}");
        queue.enqueue(&queue.database().db(), &job, START).await.unwrap();
    }
    let claims = queue.claim(&worker, &[], 1, START).await.unwrap();
    let _ = queue.fail(&claims[0], "the mail server is \x1b[31maway", Verdict::Dead, START).await.unwrap();
    queue
}

#[tokio::test]
async fn what_there_is() {
    let queue = filled().await;
    let list = typed(&queue, "list").await.text;
    assert_eq!(
        list,
        "1 ready, 1 dead; 1 worker alive\n\n\
         ID  STATE  JOB        QUEUE    TRIES  WHEN (UTC)           ARGUMENTS\n\
         2   ready  resize     default  0/1    2027-01-15 08:00:00  {\"to\":\"ada\\u001b[2J\"}\n\
         1   dead   send_mail  default  1/1    2027-01-15 08:00:00  {\"to\":\"ada\\u001b[2J\"}\n"
    );
    assert!(!typed(&queue, "list --state dead").await.text.contains("resize"));
    let json: serde_json::Value =
        serde_json::from_str(&typed(&queue, "list --json --name send_mail").await.text).unwrap();
    assert_eq!(
        (json[0]["state"].as_str(), json[0]["arguments"]["to"].as_str()),
        (Some("dead"), Some("ada\x1b[2J"))
    );
    assert_eq!(json[0]["created"], "2027-01-15T08:00:00.000Z");
}

#[tokio::test]
async fn the_dead_one_of_them_and_what_is_done_about_it() {
    let queue = filled().await;
    let dead = typed(&queue, "dead").await.text;
    assert!(dead.contains("1  send_mail") && dead.contains("the mail server is \u{fffd}[31maway"), "{dead}");
    assert!(typed(&queue, "show 1").await.text.contains("tries      1 of 1, worker lost 0 times"));
    let nobody = typed(&queue, "show 9").await;
    assert_eq!((nobody.text.as_str(), nobody.is_complete), ("there is no job 9\n", false));
    assert_eq!(typed(&queue, "retry 1 2").await.text, "1 is ready again\n2 is ready already\n");
    assert_eq!(typed(&queue, "cancel 1 2 9").await.text, "1 is cancelled\n2 is cancelled\n9 is not here\n");
    assert_eq!(typed(&queue, "retry --dead").await.text, "0 dead jobs are ready again\n");
    assert_eq!(typed(&queue, "schedules").await.text, "no worker has met a schedule yet\n");
}
