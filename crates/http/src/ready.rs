//! Fields of answers that are ready before there is an answer.
//!
//! In: at start, the fields that many answers share. Out: their lines, copied into the output as they are, or entries of a map for
//! whoever wants one. Never: a field that belongs to the connection or to one body.

use std::sync::Arc;

use bytes::BytesMut;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Fields that many answers share, encoded once.
///
/// # Examples
///
/// ```
/// use flagon_http::FieldBlock;
/// use http::{HeaderMap, HeaderValue, header};
///
/// let block = FieldBlock::new([(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))]);
/// assert!(!block.meets(&HeaderMap::new()));
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct FieldBlock {
    fields: Box<[(HeaderName, HeaderValue)]>,
    lines: Box<[u8]>,
}

impl FieldBlock {
    /// Encodes `fields`, in this order. Those of the connection (RFC 9110 §7.6.1), `Content-Length` and `Date` are left out: they are
    /// the server's to write.
    pub fn new(fields: impl IntoIterator<Item = (HeaderName, HeaderValue)>) -> Self {
        let fields: Box<[_]> = fields.into_iter().filter(|(name, _)| is_shared(name)).collect();
        let mut lines = BytesMut::new();
        for (name, value) in &fields {
            put_field(&mut lines, name.as_str().as_bytes(), value.as_bytes());
        }
        Self { lines: lines.as_ref().into(), fields }
    }

    /// Whether one of its fields is in `headers` as well, so that the block would say it twice.
    pub fn meets(&self, headers: &HeaderMap) -> bool {
        headers.keys().any(|name| self.fields.iter().any(|(known, _)| known == name))
    }

    /// Puts the fields into `headers`; what is there stays.
    pub fn add_to(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.fields {
            headers.entry(name).or_insert_with(|| value.clone());
        }
    }
}

fn is_shared(name: &HeaderName) -> bool {
    let of_server = [
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
        header::CONTENT_LENGTH,
        header::DATE,
    ];
    !of_server.contains(name) && !matches!(name.as_str(), "keep-alive" | "proxy-connection")
}

/// Fields of one answer that stand beside its map: a [block](FieldBlock) and an identifier.
///
/// # Examples
///
/// ```
/// use flagon_http::ReadyFields;
/// use http::{HeaderMap, HeaderName};
///
/// let mut ready = ReadyFields::default();
/// ready.identify(HeaderName::from_static("x-request-id"), 0xbeef);
///
/// let mut headers = HeaderMap::new();
/// ready.add_to(&mut headers);
/// assert_eq!(headers["x-request-id"], "0000000000000000000000000000beef");
/// ```
#[derive(Debug, Default, Clone)]
pub struct ReadyFields {
    block: Option<Arc<FieldBlock>>,
    identifier: Option<(HeaderName, u128)>,
}

impl ReadyFields {
    /// Sends the fields of `block`, none of which may be [in the answer's map](FieldBlock::meets) as well.
    pub fn share(&mut self, block: &Arc<FieldBlock>) {
        self.block = Some(Arc::clone(block));
    }

    /// Sends `identifier` in the field `name`, as 32 hexadecimal digits.
    pub fn identify(&mut self, name: HeaderName, identifier: u128) {
        self.identifier = Some((name, identifier));
    }

    /// Puts the fields into `headers`, for whoever has to look at them; of the block, what is there stays.
    ///
    /// # Panics
    ///
    /// Never: digits are a field's value.
    pub fn add_to(&self, headers: &mut HeaderMap) {
        if let Some(block) = &self.block {
            block.add_to(headers);
        }
        if let Some((name, identifier)) = &self.identifier {
            let value = HeaderValue::from_bytes(&hex(*identifier)).expect("digits are a field's value");
            headers.insert(name, value);
        }
    }

    /// Appends the fields as lines.
    pub(crate) fn put(&self, output: &mut BytesMut) {
        if let Some(block) = &self.block {
            output.extend_from_slice(&block.lines);
        }
        if let Some((name, identifier)) = &self.identifier {
            put_field(output, name.as_str().as_bytes(), &hex(*identifier));
        }
    }
}

/// The 32 hexadecimal digits of `number`, as bytes of ASCII: made for each answer, so without the machinery of `format!`.
///
/// # Examples
///
/// ```
/// assert_eq!(&flagon_http::hex(0xbeef), b"0000000000000000000000000000beef");
/// ```
pub fn hex(number: u128) -> [u8; 32] {
    let mut digits = [0; 32];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(number.to_be_bytes()) {
        pair.copy_from_slice(&HEX[usize::from(byte)]);
    }
    digits
}

/// The two digits of each byte.
static HEX: [[u8; 2]; 256] = {
    let (mut table, mut byte) = ([[0; 2]; 256], 0);
    while byte < 256 {
        table[byte] = [DIGITS[byte >> 4], DIGITS[byte & 15]];
        byte += 1;
    }
    table
};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Appends one field line.
pub(crate) fn put_field(output: &mut BytesMut, name: &[u8], value: &[u8]) {
    output.reserve(name.len() + value.len() + 4);
    output.extend_from_slice(name);
    output.extend_from_slice(b": ");
    output.extend_from_slice(value);
    output.extend_from_slice(b"\r\n");
}
