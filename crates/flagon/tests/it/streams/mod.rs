//! Answers that go on, over real sockets: WebSockets, rooms, server-sent events, and how they end.

mod running;
mod frames;
mod websockets;
mod rules;
mod rooms;
mod events;
mod ending;
