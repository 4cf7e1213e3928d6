//! How a WebSocket ends: RFC 6455 §7.4.

use std::{borrow::Cow, error::Error as StdError, fmt};

use tokio_tungstenite::tungstenite::{self, error::CapacityError, protocol::CloseFrame};

/// How a WebSocket ended: a code of RFC 6455 §7.4 and what was said.
///
/// # Examples
///
/// ```
/// use flagon::Close;
///
/// let close = Close::new(4000, "the game is over");
/// assert_eq!((close.code(), close.reason()), (4000, "the game is over"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    code: u16,
    reason: Cow<'static, str>,
}

impl Close {
    /// What it was for is done.
    pub const NORMAL: Self = Self::of(1000, "");
    /// The server stops, or the client leaves the page.
    pub const GOING_AWAY: Self = Self::of(1001, "");
    /// The other side broke a rule of the protocol.
    pub const PROTOCOL_ERROR: Self = Self::of(1002, "");
    /// The connection broke off: nobody said why. It is never sent.
    pub const ABNORMAL: Self = Self::of(1006, "");
    /// A text was no UTF-8.
    pub const NOT_TEXT: Self = Self::of(1007, "");
    /// The other side did what it may not.
    pub const POLICY_VIOLATION: Self = Self::of(1008, "");
    /// A message or frame was too long.
    pub const TOO_BIG: Self = Self::of(1009, "");
    /// The view failed.
    pub const INTERNAL_ERROR: Self = Self::of(1011, "");
    /// There is too much to do, or the client did not keep up.
    pub const TRY_AGAIN_LATER: Self = Self::of(1013, "");

    const fn of(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Cow::Borrowed(reason) }
    }

    /// A code and what to say, of which 123 bytes are sent. Apps choose from 4000 to 4999, or take one of the constants.
    ///
    /// # Panics
    ///
    /// When `code` may not be sent: below 1000, 1004 to 1006, 1015, from 1016 to 2999, and above 4999 (RFC 6455 §7.4).
    #[track_caller]
    pub fn new(code: u16, reason: impl Into<Cow<'static, str>>) -> Self {
        let may_be_sent = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
        assert!(
            may_be_sent,
            "{code} is no code that may be sent to close a WebSocket: apps choose from 4000 to 4999"
        );
        Self { code, reason: reason.into() }
    }

    /// The code; 1005 where the other side gave none.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// What was said.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What the client said; without a frame, that it said nothing.
    pub(super) fn of_frame(frame: Option<&CloseFrame>) -> Self {
        frame.map_or(Self::of(1005, ""), |frame| Self {
            code: frame.code.into(),
            reason: frame.reason.as_str().to_owned().into(),
        })
    }

    /// The frame that says it. RFC 6455 §5.5: a control frame has at most 125 bytes, two of which are the code.
    pub(super) fn frame(&self) -> tungstenite::Message {
        let end = self.reason.floor_char_boundary(123);
        let reason = self.reason[..end].to_owned().into();
        tungstenite::Message::Close(Some(CloseFrame { code: self.code.into(), reason }))
    }

    /// What a client is told whose bytes can't be read; `None` where it can't be told anything.
    pub(super) fn of_error(error: &tungstenite::Error) -> Option<Self> {
        use tungstenite::Error;
        match error {
            Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => None,
            Error::Protocol(_) => Some(Self::PROTOCOL_ERROR),
            Error::Utf8(_) => Some(Self::NOT_TEXT),
            Error::Capacity(CapacityError::MessageTooLong { .. }) => Some(Self::TOO_BIG),
            _ => None,
        }
    }
}

/// A WebSocket is closed: nothing more can be sent. A view may give it on with `?`, which ends it quietly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the WebSocket is closed")
    }
}

impl StdError for Closed {}
