//! x
use crate::{connection_info::ConnectionInfo, service::Service, transport::Transport, worker::Place};
use bytes::BytesMut;
use std::sync::Arc;

pub(crate) async fn run<Io: Transport, S: Service>(
    _io: Io,
    _place: Place,
    _info: Arc<ConnectionInfo>,
    _input: BytesMut,
    _service: Arc<S>,
) {
}
