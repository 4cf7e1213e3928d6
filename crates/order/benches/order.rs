//! How fast ordering is beside the standard library's sorts: `cargo xtask bench order`.
//!
//! Each case is measured in rounds, all contestants in each round in turn, so that what else the machine does meets them all. What is told is
//! the median of times, and the median of the ratios of one round.

#![expect(clippy::unwrap_used, reason = "nobody depends on this program")]
#![expect(clippy::print_stdout, reason = "what it measures is for people")]
#![expect(clippy::stable_sort_primitive, reason = "stable sorts are what is measured")]

use std::{cmp::Ordering, env, fs, hint::black_box, time::Instant};

use flagon_order::{Field, Nulls, OrderBy, Text, multikey, quicksort, top_k};

/// How many elements each case has, unless the first argument says otherwise.
const ELEMENTS: usize = 1_000_000;
/// How often each contestant is measured, unless the second argument says otherwise.
const ROUNDS: usize = 7;

#[derive(Debug, Clone)]
struct Player {
    id: u32,
    score: Option<i64>,
    name: String,
    created: i64,
}

const FIELDS: [Field<Player>; 5] = [
    Field::new("score", |player: &Player| player.score.into()).nulls(Nulls::Last),
    Field::new("name", |player: &Player| (&player.name).into()),
    Field::new("anycase", |player: &Player| (&player.name).into()).text(Text::IgnoreCase),
    Field::new("created", |player: &Player| player.created.into()),
    Field::new("id", |player: &Player| player.id.into()).unique(),
];

fn main() {
    // cargo adds `--bench` behind what was typed.
    let mut numbers = env::args().skip(1).filter_map(|word| word.parse().ok());
    let (elements, rounds) = (numbers.next().unwrap_or(ELEMENTS), numbers.next().unwrap_or(ROUNDS));
    let only = env::args().skip(1).find(|word| !word.starts_with('-') && word.parse::<usize>().is_err());
    let race = Race { rounds, only };
    println!(
        "{elements} elements, {rounds} rounds: median time on the processor, and how many times as long as the first\n"
    );
    rows(&race, elements);
    texts(&race, elements);
    numbers_alone(&race, elements);
}

fn rows(race: &Race, elements: usize) {
    let players = players(elements);
    let by = |text| OrderBy::parse(text, &FIELDS).unwrap();

    let order = by("-score,created");
    let chained = |a: &Player, b: &Player| {
        nulls_last(a.score, b.score).then_with(|| a.created.cmp(&b.created)).then_with(|| a.id.cmp(&b.id))
    };
    race.run(
        "rows by -score,created,id",
        &players,
        &mut [
            ("OrderBy::sort", &mut |rows| order.sort(rows)),
            ("sort_by, chained", &mut |rows| rows.sort_by(chained)),
            ("sort_unstable_by, chained", &mut |rows| rows.sort_unstable_by(chained)),
            ("quicksort::stable", &mut |rows| quicksort::stable(rows, chained)),
            ("quicksort::in_place", &mut |rows| quicksort::in_place(rows, chained)),
        ],
    );
    let top = |rows: &mut Vec<Player>| drop(black_box(order.top(rows, 20)));
    race.run(
        "the first 20 rows by -score,created,id",
        &players,
        &mut [
            ("OrderBy::top", &mut { top }),
            ("top_k, chained", &mut |rows| drop(black_box(top_k(rows, 20, chained)))),
            ("OrderBy::sort", &mut |rows| order.sort(rows)),
            ("sort_by, chained", &mut |rows| rows.sort_by(chained)),
        ],
    );

    let order = by("name,-score");
    let chained = |a: &Player, b: &Player| {
        a.name.cmp(&b.name).then_with(|| nulls_last(a.score, b.score)).then_with(|| b.id.cmp(&a.id))
    };
    race.run(
        "rows by name,-score,-id",
        &players,
        &mut [
            ("OrderBy::sort", &mut |rows| order.sort(rows)),
            ("sort_by, chained", &mut |rows| rows.sort_by(chained)),
        ],
    );

    let order = by("anycase,-score");
    let chained = |a: &Player, b: &Player| {
        let (x, y) = (a.name.bytes(), b.name.bytes());
        let names = x.map(|byte| byte.to_ascii_lowercase()).cmp(y.map(|byte| byte.to_ascii_lowercase()));
        names.then_with(|| nulls_last(a.score, b.score)).then_with(|| b.id.cmp(&a.id))
    };
    race.run(
        "rows by name without regard to case, -score, -id",
        &players,
        &mut [
            ("OrderBy::sort", &mut |rows| order.sort(rows)),
            ("sort_by, chained, ASCII only", &mut |rows| rows.sort_by(chained)),
        ],
    );
}

/// Descending, what has none at the end.
fn nulls_last(a: Option<i64>, b: Option<i64>) -> Ordering {
    b.cmp(&a)
}

fn texts(race: &Race, elements: usize) {
    const TEXT: [Field<String>; 1] = [Field::new("text", |text: &String| text.into())];
    let order = OrderBy::parse("text", &TEXT).unwrap();
    let mut random = Random(7);
    let sections =
        ["articles/archive", "articles/drafts", "products/catalogue/garden", "products/catalogue/kitchen"];
    let urls: Vec<String> = (0..elements)
        .map(|_| {
            let section = sections[random.below(4)];
            format!(
                "https://www.example.com/shop/en/{section}/{:04}/item-{:09}",
                random.below(40),
                random.below(1 << 29)
            )
        })
        .collect();
    let words: Vec<String> =
        (0..elements).map(|_| format!("{:x}", random.next() >> (8 * random.below(6)))).collect();
    for (name, texts) in [("texts with common beginnings (URLs)", urls), ("short texts without", words)] {
        race.run(
            name,
            &texts,
            &mut [
                ("multikey::sort", &mut |texts| multikey::sort(texts, |text| text.as_bytes())),
                ("OrderBy::sort", &mut |texts| order.sort(texts)),
                ("sort, as by sort_by", &mut |texts| texts.sort()),
                ("sort_unstable", &mut |texts| texts.sort_unstable()),
            ],
        );
    }
}

fn numbers_alone(race: &Race, elements: usize) {
    let mut random = Random(11);
    let numbers: Vec<u64> = (0..elements).map(|_| random.next()).collect();
    race.run(
        "numbers in no order",
        &numbers,
        &mut [
            ("sort_unstable", &mut |numbers| numbers.sort_unstable()),
            ("sort", &mut |numbers| numbers.sort()),
            ("quicksort::in_place", &mut |numbers| quicksort::in_place(numbers, Ord::cmp)),
            ("quicksort::stable", &mut |numbers| quicksort::stable(numbers, Ord::cmp)),
        ],
    );
    race.run(
        "the first 20 numbers",
        &numbers,
        &mut [
            ("top_k", &mut |numbers| drop(black_box(top_k(numbers, 20, Ord::cmp)))),
            ("select_nth_unstable, sort those", &mut |numbers| {
                let (first, ..) = numbers.select_nth_unstable(20);
                first.sort_unstable();
            }),
            ("sort_unstable", &mut |numbers| numbers.sort_unstable()),
        ],
    );
}

fn players(count: usize) -> Vec<Player> {
    const FIRST: [&str; 8] = ["Ada", "alan", "Barbara", "Edsger", "grace", "Katherine", "Margaret", "Tony"];
    const LAST: [&str; 8] =
        ["Byron", "dijkstra", "Hamilton", "Hoare", "Hopper", "Johnson", "Liskov", "Turing"];
    let mut random = Random(3);
    (0..u32::try_from(count).unwrap())
        .map(|id| Player {
            id,
            score: (random.below(20) > 0).then(|| i64::try_from(random.below(1000)).unwrap()),
            name: format!("{} {} {}", FIRST[random.below(8)], LAST[random.below(8)], random.below(2000)),
            created: 1_700_000_000_000 + i64::try_from(random.below(1 << 36)).unwrap(),
        })
        .collect()
}

struct Race {
    rounds: usize,
    /// A part of the names of the cases that are wanted.
    only: Option<String>,
}

type Contestant<'c, T> = (&'c str, &'c mut dyn FnMut(&mut Vec<T>));

impl Race {
    fn run<T: Clone>(&self, case: &str, input: &[T], contestants: &mut [Contestant<'_, T>]) {
        if self.only.as_ref().is_some_and(|only| !case.contains(only)) {
            return;
        }
        let mut times: Vec<Vec<f64>> = vec![Vec::new(); contestants.len()];
        for round in 0..=self.rounds {
            let count = contestants.len();
            for turn in 0..count {
                let who = (turn + round) % count;
                let mut input = input.to_vec();
                let begun = Clock::start();
                contestants[who].1(&mut input);
                let time = begun.milliseconds();
                black_box(&input);
                // The first round warms the caches.
                if round > 0 {
                    times[who].push(time);
                }
            }
        }
        println!("{case}");
        for (who, (name, _)) in contestants.iter().enumerate() {
            let ratios = times[who].iter().zip(&times[0]).map(|(own, first)| own / first).collect();
            println!("  {name:<34} {:>9.2} ms {:>7.2}", median(times[who].clone()), median(ratios));
        }
        println!();
    }
}

/// Time that this thread had a processor, where the system tells it, so that other programs' turns don't count.
struct Clock {
    begun: Instant,
    processor: Option<u64>,
}

impl Clock {
    fn start() -> Self {
        Self { begun: Instant::now(), processor: processor_time() }
    }

    #[expect(clippy::cast_precision_loss, reason = "these are a few seconds")]
    fn milliseconds(&self) -> f64 {
        match (self.processor, processor_time()) {
            (Some(begun), Some(ended)) => (ended - begun) as f64 / 1e6,
            _ => self.begun.elapsed().as_secs_f64() * 1e3,
        }
    }
}

/// In nanoseconds: the first number of Linux's `schedstat`.
fn processor_time() -> Option<u64> {
    fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Vigna's splitmix64: the same numbers each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % limit
    }
}
