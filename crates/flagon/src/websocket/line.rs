//! What a view and the driver of its connection share.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use super::close::Close;
use crate::rooms::{Bounds, Mailbox, Message, Slow};

/// What a view and the driver of its connection share.
pub(super) struct Line {
    /// What is to be sent.
    pub(super) outbox: Arc<Mailbox>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What was read and not taken yet: while it is there, nothing more is read.
    inbox: Option<Message>,
    /// How our side wishes to end it.
    wish: Option<Close>,
    /// How it ended.
    end: Option<Close>,
    rooms: Vec<String>,
    receiver: Option<Waker>,
    /// The task of the connection, while it rests.
    driver: Option<Waker>,
    /// Something has changed since the driver looked.
    is_changed: bool,
}

impl Line {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { outbox: Arc::new(Mailbox::new(bounds, Slow::Disconnect)), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the message that was read last, or waits for it; `None` when none will come.
    pub(super) fn poll_receive(&self, context: &Context<'_>) -> Poll<Option<Message>> {
        let mut state = self.state();
        if let Some(message) = state.inbox.take() {
            state.changed();
            return Poll::Ready(Some(message));
        }
        if state.end.is_some() || state.wish.is_some() {
            return Poll::Ready(None);
        }
        state.receiver = Some(context.waker().clone());
        Poll::Pending
    }

    /// Wishes to end it; the first wish counts. What is in the outbox is sent before.
    pub(super) fn wish(&self, close: Close) {
        let receiver = {
            let mut state = self.state();
            if state.wish.is_some() {
                return;
            }
            state.wish = Some(close);
            state.changed();
            state.receiver.take()
        };
        receiver.into_iter().for_each(Waker::wake);
        self.outbox.close();
    }

    /// The wish to end it.
    pub(super) fn wished(&self) -> Option<Close> {
        self.state().wish.clone()
    }

    /// Whether the view has taken what was read.
    pub(super) fn has_room(&self) -> bool {
        self.state().inbox.is_none()
    }

    /// Gives the view a message.
    pub(super) fn deliver(&self, message: Message) {
        let mut state = self.state();
        state.inbox = Some(message);
        state.receiver.take().into_iter().for_each(Waker::wake);
    }

    /// It is over.
    pub(super) fn end(&self, close: Close) {
        let receiver = {
            let mut state = self.state();
            state.end.get_or_insert(close);
            state.receiver.take()
        };
        receiver.into_iter().for_each(Waker::wake);
        self.outbox.close();
    }

    /// How it ended.
    pub(super) fn ended(&self) -> Option<Close> {
        self.state().end.clone()
    }

    /// The driver looks at everything from here on.
    pub(super) fn begin(&self) {
        let mut state = self.state();
        state.is_changed = false;
        state.driver = None;
    }

    /// Has the driver woken by the next change. Gives `false` when there was one since it began.
    pub(super) fn rest(&self, waker: &Waker) -> bool {
        let mut state = self.state();
        if !state.is_changed {
            state.driver = Some(waker.clone());
        }
        !state.is_changed
    }

    /// Remembers a room that it is in. Gives `false` where it is in as many as it may.
    pub(super) fn remember(&self, room: &str) -> bool {
        let mut state = self.state();
        let is_new = !state.rooms.iter().any(|known| known == room);
        if is_new && state.rooms.len() < MAX_ROOMS {
            state.rooms.push(room.to_owned());
        }
        !is_new || state.rooms.last().is_some_and(|last| last == room)
    }

    pub(super) fn forget(&self, room: &str) {
        self.state().rooms.retain(|known| known != room);
    }

    pub(super) fn take_rooms(&self) -> Vec<String> {
        std::mem::take(&mut self.state().rooms)
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("end", &self.ended()).finish_non_exhaustive()
    }
}

impl State {
    fn changed(&mut self) {
        self.is_changed = true;
        self.driver.take().into_iter().for_each(Waker::wake);
    }
}

/// The most rooms that one WebSocket is in.
pub(super) const MAX_ROOMS: usize = 1_000;
