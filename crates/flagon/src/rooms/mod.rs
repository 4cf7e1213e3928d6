//! Rooms: names under which receivers in this process are found, whichever thread serves them.
//!
//! In: receivers that join and leave, messages. Out: each message in the queue of each receiver, in the same order for all. Never:
//! waits for a receiver.

mod message;
mod mailbox;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use mailbox::Slow;
pub(crate) use mailbox::{Bounds, End, Mailbox};
pub use message::Message;

/// The rooms of an app. One that nobody is in does not exist.
#[derive(Default)]
pub(crate) struct Rooms(Mutex<HashMap<String, Arc<Members>>>);

/// Who is in one room.
#[derive(Default)]
struct Members(Mutex<Inside>);

#[derive(Default)]
struct Inside {
    /// By their addresses.
    mailboxes: HashMap<usize, Arc<Mailbox>>,
    /// The last one has left: who comes now makes another room.
    is_gone: bool,
}

impl Rooms {
    /// Lets `mailbox` join `room`; once, however often it asks.
    pub(crate) fn join(&self, room: &str, mailbox: &Arc<Mailbox>) {
        loop {
            let members = Arc::clone(self.rooms().entry(room.to_owned()).or_default());
            let mut inside = members.inside();
            if !inside.is_gone {
                inside.mailboxes.insert(address(mailbox), Arc::clone(mailbox));
                return;
            }
        }
    }

    /// Lets `mailbox` leave `room`.
    pub(crate) fn leave(&self, room: &str, mailbox: &Arc<Mailbox>) {
        let Some(members) = self.members(room) else { return };
        let is_empty = {
            let mut inside = members.inside();
            inside.mailboxes.remove(&address(mailbox));
            inside.mailboxes.is_empty()
        };
        if is_empty {
            let mut rooms = self.rooms();
            let mut inside = members.inside();
            if inside.mailboxes.is_empty() && !inside.is_gone {
                inside.is_gone = true;
                rooms.remove(room);
            }
        }
    }

    /// Puts `message` into the queue of everyone in `room` but `except`; gives how many.
    pub(crate) fn send(&self, room: &str, message: &Message, except: Option<&Arc<Mailbox>>) -> usize {
        let Some(members) = self.members(room) else { return 0 };
        // Held until all have it: whoever sends at the same time is either before or after for all.
        let inside = members.inside();
        let mailboxes = inside.mailboxes.values();
        let others = mailboxes.filter(|mailbox| except.is_none_or(|except| !Arc::ptr_eq(mailbox, except)));
        others.filter(|mailbox| mailbox.post(message.clone())).count()
    }

    /// How many are in `room`.
    pub(crate) fn len(&self, room: &str) -> usize {
        self.members(room).map_or(0, |members| members.inside().mailboxes.len())
    }

    fn members(&self, room: &str) -> Option<Arc<Members>> {
        self.rooms().get(room).cloned()
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<String, Arc<Members>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Members {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn address(mailbox: &Arc<Mailbox>) -> usize {
    Arc::as_ptr(mailbox).addr()
}

impl fmt::Debug for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms").field("count", &self.rooms().len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread};

    use super::{Bounds, Mailbox, Rooms, Slow};

    fn mailbox() -> Arc<Mailbox> {
        Arc::new(Mailbox::new(Bounds { messages: 100_000, bytes: usize::MAX }, Slow::Disconnect))
    }

    #[test]
    fn a_room_is_there_while_somebody_is_in_it() {
        let (rooms, one, other) = (Rooms::default(), mailbox(), mailbox());
        assert_eq!(rooms.send("chat", &"nobody hears".into(), None), 0);
        for room in ["chat", "chat", "news"] {
            rooms.join(room, &one);
        }
        rooms.join("chat", &other);
        assert_eq!((rooms.len("chat"), rooms.len("news")), (2, 1));
        assert_eq!(rooms.send("chat", &"all".into(), None), 2);
        assert_eq!(rooms.send("chat", &"others".into(), Some(&one)), 1);
        let texts = |mailbox: &Mailbox| std::iter::from_fn(|| mailbox.take()).count();
        assert_eq!((texts(&one), texts(&other)), (1, 2));
        for mailbox in [&one, &other] {
            rooms.leave("chat", mailbox);
        }
        rooms.leave("chat", &one);
        rooms.leave("news", &one);
        assert!(rooms.rooms().is_empty());
    }

    #[test]
    fn all_hear_the_same_order_from_many_threads() {
        let (rooms, mailboxes) = (Rooms::default(), [mailbox(), mailbox(), mailbox()]);
        for mailbox in &mailboxes {
            rooms.join("chat", mailbox);
        }
        thread::scope(|scope| {
            for thread in 0..4 {
                let rooms = &rooms;
                scope.spawn(move || {
                    for n in 0..500 {
                        rooms.send("chat", &format!("{thread} {n}").into(), None);
                    }
                });
            }
        });
        let heard = mailboxes.map(|mailbox| {
            std::iter::from_fn(|| mailbox.take())
                .map(|message| message.as_text().unwrap().to_owned())
                .collect::<Vec<_>>()
        });
        assert_eq!(heard[0].len(), 2000);
        assert!(heard[1] == heard[0] && heard[2] == heard[0]);
    }

    #[test]
    fn nobody_is_lost_when_the_last_one_leaves() {
        let rooms = Rooms::default();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..2000 {
                        let mailbox = mailbox();
                        rooms.join("chat", &mailbox);
                        assert!(rooms.send("chat", &"to all".into(), None) >= 1);
                        assert!(mailbox.take().is_some());
                        rooms.leave("chat", &mailbox);
                    }
                });
            }
        });
        assert!(rooms.rooms().is_empty());
    }
}
