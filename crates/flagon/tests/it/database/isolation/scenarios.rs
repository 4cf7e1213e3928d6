//! The anomalies, as requests that do ordinary things in an unlucky order.
//!
//! The table `account` has the rows (1, 10) and (2, 20). Each scenario says in which order the requests' steps come; a step after the last
//! is the end of its request.

/// One thing that a view does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// Reads numbers.
    Read(&'static str),
    /// Reads a number that it is going to change.
    Lock(&'static str),
    /// Writes.
    Write(&'static str),
    /// Writes, if what was read last is at least so much.
    WriteIf(i64, &'static str),
    /// Writes what was read last, and so much more.
    Add(i64, &'static str),
}

use Step::{Add, Lock, Read, Write, WriteIf};

/// What is seen of a scenario when it is over.
pub(super) struct Seen<'s> {
    /// What each transaction has read, in its last run.
    pub(super) read: &'s [Vec<Vec<i64>>],
    /// The balances by id, at the end.
    pub(super) left: &'s [(i64, i64)],
}

/// An anomaly, and how to bring it about.
pub(super) struct Scenario {
    /// Its name in Adya's thesis.
    pub(super) name: &'static str,
    /// What it is.
    pub(super) told: &'static str,
    /// What each request does.
    pub(super) requests: &'static [&'static [Step]],
    /// Whose step comes when.
    pub(super) order: &'static [usize],
    /// The request that ends with an error, if one does.
    pub(super) fails: Option<usize>,
    /// Whether it happened.
    pub(super) happened: fn(&Seen<'_>) -> bool,
}

const ALL: &str = "SELECT balance FROM account ORDER BY id";
const ONE: &str = "SELECT balance FROM account WHERE id = 1";
const TWO: &str = "SELECT balance FROM account WHERE id = 2";
const SUM: &str = "SELECT CAST(sum(balance) AS SIGNED INTEGER) FROM account";
const RICH: &str = "SELECT id FROM account WHERE balance >= 30 ORDER BY id";
const POOR: &str = "SELECT CAST(count(*) = 0 AS SIGNED INTEGER) FROM account WHERE balance >= 30";
const SET_ONE: &str = "UPDATE account SET balance = ? WHERE id = 1";

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "G0",
        told: "dirty write: two requests overwrite each other's rows, and each wins one",
        requests: &[
            &[
                Write("UPDATE account SET balance = 11 WHERE id = 1"),
                Write("UPDATE account SET balance = 21 WHERE id = 2"),
            ],
            &[
                Write("UPDATE account SET balance = 12 WHERE id = 1"),
                Write("UPDATE account SET balance = 22 WHERE id = 2"),
            ],
        ],
        order: &[0, 1, 0, 0, 1, 1],
        fails: None,
        happened: |seen| !matches!(seen.left, [(1, 11), (2, 21)] | [(1, 12), (2, 22)]),
    },
    Scenario {
        name: "G1a",
        told: "aborted read: a request sees what another one wrote and then rolled back",
        requests: &[&[Write("UPDATE account SET balance = 99 WHERE id = 1")], &[Read(ALL), Read(ALL)]],
        order: &[0, 1, 0, 1, 1],
        fails: Some(0),
        happened: |seen| seen.read[1].iter().any(|read| read[0] == 99),
    },
    Scenario {
        name: "G1b",
        told: "intermediate read: a request sees what another one was only on the way to",
        requests: &[
            &[
                Write("UPDATE account SET balance = 99 WHERE id = 1"),
                Write("UPDATE account SET balance = 11 WHERE id = 1"),
            ],
            &[Read(ALL), Read(ALL)],
        ],
        order: &[0, 1, 0, 0, 1, 1],
        fails: None,
        happened: |seen| seen.read[1].iter().any(|read| read[0] == 99),
    },
    Scenario {
        name: "G1c",
        told: "circular flow: two requests each see what the other one wrote",
        requests: &[
            &[Write("UPDATE account SET balance = 11 WHERE id = 1"), Read(TWO)],
            &[Write("UPDATE account SET balance = 22 WHERE id = 2"), Read(ONE)],
        ],
        order: &[0, 1, 0, 1, 0, 1],
        fails: None,
        happened: |seen| seen.read[0] == [[22]] && seen.read[1] == [[11]],
    },
    Scenario {
        name: "OTV",
        told: "observed transaction vanishes: a request sees one row of a write and another row from before it",
        requests: &[
            &[
                Write("UPDATE account SET balance = 11 WHERE id = 1"),
                Write("UPDATE account SET balance = 21 WHERE id = 2"),
            ],
            &[
                Write("UPDATE account SET balance = 12 WHERE id = 1"),
                Write("UPDATE account SET balance = 22 WHERE id = 2"),
            ],
            &[Read(ALL), Read(ALL)],
        ],
        order: &[0, 0, 1, 0, 2, 1, 1, 2, 2],
        fails: None,
        happened: |seen| seen.read[2].iter().any(|read| matches!(read[..], [12, 21] | [11, 22])),
    },
    Scenario {
        name: "PMP",
        told: "phantom: the same question twice, and a row more the second time",
        requests: &[&[Read(RICH), Read(RICH)], &[Write("INSERT INTO account (id, balance) VALUES (3, 30)")]],
        order: &[0, 1, 1, 0, 0],
        fails: None,
        happened: |seen| seen.read[0][0] != seen.read[0][1],
    },
    Scenario {
        name: "PMP, written",
        told: "a request looks which rows there are and then deletes by the same words, and deletes others",
        requests: &[
            &[
                Read("SELECT id FROM account WHERE balance = 20"),
                Write("DELETE FROM account WHERE balance = 20"),
            ],
            &[Write("UPDATE account SET balance = balance + 10")],
        ],
        order: &[0, 1, 1, 0, 0],
        fails: None,
        happened: |seen| seen.left.iter().any(|(id, _)| seen.read[0] == [[*id]]),
    },
    Scenario {
        name: "P4",
        told: "lost update: two requests read a number, and each writes it anew",
        requests: &[&[Read(ONE), Add(1, SET_ONE)], &[Read(ONE), Add(2, SET_ONE)]],
        order: &[0, 1, 0, 1, 0, 1],
        fails: None,
        happened: |seen| seen.left[0] != (1, 13),
    },
    Scenario {
        name: "P4, locked",
        told: "the same with `.for_update()` where the number is read",
        requests: &[&[Lock(ONE), Add(1, SET_ONE)], &[Lock(ONE), Add(2, SET_ONE)]],
        order: &[0, 1, 0, 0, 1, 1],
        fails: None,
        happened: |seen| seen.left[0] != (1, 13),
    },
    Scenario {
        name: "G-single",
        told: "read skew: a request sees one row from before and another from after somebody's transfer",
        requests: &[
            &[Read(ONE), Read(TWO)],
            &[
                Write("UPDATE account SET balance = balance - 5 WHERE id = 1"),
                Write("UPDATE account SET balance = balance + 5 WHERE id = 2"),
            ],
        ],
        order: &[0, 1, 1, 1, 0, 0],
        fails: None,
        happened: |seen| seen.read[0][0][0] + seen.read[0][1][0] != 30,
    },
    Scenario {
        name: "G2-item",
        told: "write skew: two requests see that together there is enough, and each takes it from another row",
        requests: &[
            &[Read(SUM), WriteIf(30, "UPDATE account SET balance = balance - 30 WHERE id = 1")],
            &[Read(SUM), WriteIf(30, "UPDATE account SET balance = balance - 30 WHERE id = 2")],
        ],
        order: &[0, 1, 0, 1, 0, 1],
        fails: None,
        happened: |seen| seen.left.iter().map(|(_, balance)| balance).sum::<i64>() < 0,
    },
    Scenario {
        name: "G2",
        told: "write skew by phantoms: two requests see that a row is not there, and each inserts one",
        requests: &[
            &[Read(POOR), WriteIf(1, "INSERT INTO account (id, balance) VALUES (3, 30)")],
            &[Read(POOR), WriteIf(1, "INSERT INTO account (id, balance) VALUES (4, 42)")],
        ],
        order: &[0, 1, 0, 1, 0, 1],
        fails: None,
        happened: |seen| seen.left.len() > 3,
    },
];

impl Scenario {
    /// How request `n` is asked: one that only reads is safe.
    pub(super) fn method(&self, n: usize) -> &'static str {
        if self.requests[n].iter().all(|step| matches!(step, Read(_))) { "GET" } else { "POST" }
    }
}
