//! What waits to be sent to one receiver: a queue with an end.
//!
//! In: messages from anywhere, which never wait unless they want to. Out: the same to one receiver, in order. Never: more than its
//! bounds; a receiver that doesn't keep up is cut off, or misses the oldest, as it wished.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use super::message::Message;

/// What becomes of a receiver that doesn't keep up with its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Slow {
    /// It is cut off: a WebSocket is closed with 1013, "try again later"; a subscription ends.
    #[default]
    Disconnect,
    /// It misses the oldest messages that wait for it: right for states that the next message replaces.
    Skip,
}

/// The queue of one receiver.
pub(crate) struct Mailbox {
    state: Mutex<State>,
    bounds: Bounds,
}

/// How much may wait; one message always may.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
}

struct State {
    queue: VecDeque<Message>,
    bytes: usize,
    slow: Slow,
    end: Option<End>,
    receiver: Option<Waker>,
    senders: Vec<Waker>,
}

/// Why nothing more is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The receiver is gone.
    Closed,
    /// It did not keep up; what waited is gone.
    Overflown,
}

impl Mailbox {
    pub(crate) fn new(bounds: Bounds, slow: Slow) -> Self {
        let (queue, senders) = (VecDeque::new(), Vec::new());
        Self {
            state: Mutex::new(State { queue, bytes: 0, slow, end: None, receiver: None, senders }),
            bounds,
        }
    }

    /// Puts `message` into the queue without waiting. Gives whether it is there.
    pub(crate) fn post(&self, message: Message) -> bool {
        let mut state = self.state();
        if state.end.is_some() {
            return false;
        }
        while !state.has_room(&message, self.bounds) {
            match state.slow {
                Slow::Skip => drop(state.take()),
                Slow::Disconnect => {
                    state.end(End::Overflown);
                    return false;
                }
            }
        }
        state.put(message);
        true
    }

    /// Puts `message` into the queue when there is room; gives whether it is there.
    pub(crate) fn poll_send(&self, context: &Context<'_>, message: &Message) -> Poll<bool> {
        let mut state = self.state();
        if state.end.is_some() {
            return Poll::Ready(false);
        }
        if !state.has_room(message, self.bounds) {
            if !state.senders.iter().any(|known| known.will_wake(context.waker())) {
                state.senders.push(context.waker().clone());
            }
            return Poll::Pending;
        }
        state.put(message.clone());
        Poll::Ready(true)
    }

    /// Takes the next message; `None` when there is none now.
    pub(crate) fn take(&self) -> Option<Message> {
        self.state().take()
    }

    /// Takes the next message, or waits for it; `None` when there will be none.
    pub(crate) fn poll_take(&self, context: &Context<'_>) -> Poll<Option<Message>> {
        let mut state = self.state();
        match state.take() {
            Some(message) => Poll::Ready(Some(message)),
            None if state.end.is_some() => Poll::Ready(None),
            None => {
                state.receiver = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Has `waker` woken by the next message. Gives `false` when there is one already.
    pub(crate) fn rest(&self, waker: &Waker) -> bool {
        let mut state = self.state();
        if !state.queue.is_empty() {
            return false;
        }
        if !state.receiver.as_ref().is_some_and(|known| known.will_wake(waker)) {
            state.receiver = Some(waker.clone());
        }
        true
    }

    /// Says what becomes of the receiver when it doesn't keep up.
    pub(crate) fn set_slow(&self, slow: Slow) {
        self.state().slow = slow;
    }

    /// Takes nothing more; what waits can still be taken.
    pub(crate) fn close(&self) {
        self.state().end(End::Closed);
    }

    pub(crate) fn end(&self) -> Option<End> {
        self.state().end
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_room(&self, message: &Message, bounds: Bounds) -> bool {
        self.queue.is_empty()
            || self.queue.len() < bounds.messages && self.bytes.saturating_add(message.len()) <= bounds.bytes
    }

    fn put(&mut self, message: Message) {
        self.bytes += message.len();
        self.queue.push_back(message);
        if let Some(receiver) = self.receiver.take() {
            receiver.wake();
        }
    }

    fn take(&mut self) -> Option<Message> {
        let message = self.queue.pop_front()?;
        self.bytes -= message.len();
        self.senders.drain(..).for_each(Waker::wake);
        if self.queue.is_empty() && self.queue.capacity() > KEPT {
            self.queue = VecDeque::new(); // idle receivers are many
        }
        Some(message)
    }

    fn end(&mut self, end: End) {
        self.end.get_or_insert(end);
        if end == End::Overflown {
            (self.queue, self.bytes) = (VecDeque::new(), 0);
        }
        self.senders.drain(..).chain(self.receiver.take()).for_each(Waker::wake);
    }
}

/// Places that an empty queue keeps.
const KEPT: usize = 4;

#[cfg(test)]
mod tests {
    use super::{Bounds, End, Mailbox, Slow};

    const BOUNDS: Bounds = Bounds { messages: 3, bytes: 10 };

    fn all(mailbox: &Mailbox) -> Vec<String> {
        std::iter::from_fn(|| mailbox.take()).map(|message| message.as_text().unwrap().to_owned()).collect()
    }

    #[test]
    fn whoever_does_not_keep_up_is_cut_off() {
        let mailbox = Mailbox::new(BOUNDS, Slow::Disconnect);
        assert!(["a", "b", "c"].iter().all(|text| mailbox.post((*text).into())));
        assert!(!mailbox.post("d".into()));
        assert_eq!((mailbox.end(), mailbox.take()), (Some(End::Overflown), None));
        assert!(!mailbox.post("e".into()));
    }

    #[test]
    fn or_misses_the_oldest() {
        let mailbox = Mailbox::new(BOUNDS, Slow::Skip);
        assert!(["a", "b", "c", "d"].iter().all(|text| mailbox.post((*text).into())));
        assert_eq!(all(&mailbox), ["b", "c", "d"]);
    }

    #[test]
    fn bytes_count_too_but_one_message_always_fits() {
        let mailbox = Mailbox::new(BOUNDS, Slow::Skip);
        mailbox.post("a message of more than ten bytes".into());
        assert_eq!(mailbox.take().unwrap().len(), 32);
        assert!(["123456", "7890", "x"].iter().all(|text| mailbox.post((*text).into())));
        assert_eq!(all(&mailbox), ["7890", "x"]);
    }

    #[test]
    fn what_waits_is_taken_after_the_end() {
        let mailbox = Mailbox::new(BOUNDS, Slow::Disconnect);
        mailbox.post("last".into());
        mailbox.close();
        assert!(!mailbox.post("too late".into()));
        assert_eq!(all(&mailbox), ["last"]);
    }
}
