//! Where a request stands in a trace over several programs: W3C Trace Context.
//!
//! In: the fields `traceparent` and `tracestate`. Out: [`TraceContext`], which goes on from them, or begins a trace where they are
//! missing or wrong. Never: half of what a client said.
//!
//! W3C Trace Context, §3.2 and §3.3 (Level 1), with the random flag of Level 2.

use std::fmt;

use http::{HeaderMap, HeaderValue};

/// Where a request stands in a trace over several programs: `request().trace()`.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// let app = App::new("docs").build().unwrap();
/// let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
/// let message = http::Request::get("/").header("traceparent", parent).body("").unwrap();
/// app.test_request_context(message).run(|| {
///     let request = request();
///     let trace = request.trace();
///     assert_eq!(trace.trace_id(), "0af7651916cd43dd8448eb211c80319c");
///     assert_eq!(trace.parent_id().as_deref(), Some("b7ad6b7169203331"));
///     assert!(trace.is_sampled());
///     assert!(trace.traceparent().starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
/// });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    trace: u128,
    parent: Option<u64>,
    span: u64,
    flags: u8,
    state: String,
}

impl TraceContext {
    /// Goes on from what `headers` say; else begins the trace of the request with this `number`.
    pub(crate) fn of(headers: &HeaderMap, number: u128) -> Self {
        let (high, low) = mixed(number);
        let span = if low == 0 { 1 } else { low };
        if let Some((trace, parent, flags)) = parent(headers) {
            let state = state(headers).unwrap_or_default();
            return Self { trace, parent: Some(parent), span, flags, state };
        }
        let trace = (u128::from(high) << 64) | u128::from(span.rotate_left(32) ^ high);
        Self { trace: trace.max(1), parent: None, span, flags: RANDOM, state: String::new() }
    }

    /// Whether `headers` have a part in a trace.
    pub(crate) fn is_in(headers: &HeaderMap) -> bool {
        parent(headers).is_some()
    }

    /// The trace's id: 32 digits, the same in every program that works for it.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }

    /// The id of what the client did, 16 digits; `None` where the trace begins here.
    pub fn parent_id(&self) -> Option<String> {
        self.parent.map(|parent| format!("{parent:016x}"))
    }

    /// The id of this request, 16 digits.
    pub fn span_id(&self) -> String {
        format!("{:016x}", self.span)
    }

    /// Whether whoever began the trace records it.
    pub fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// The field `traceparent` of requests that are made for this one.
    pub fn traceparent(&self) -> String {
        self.to_string()
    }

    /// The field `tracestate` of requests that are made for this one, unchanged; empty where there is none.
    pub fn tracestate(&self) -> &str {
        &self.state
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, self.flags)
    }
}

/// §3.2.2.5.1, and Level 2, §3.2.2.5.2; others are unknown, and not given on.
const SAMPLED: u8 = 1;
const RANDOM: u8 = 2;

/// §3.2: the trace, the parent and the flags, if the field stands there once and is right.
fn parent(headers: &HeaderMap) -> Option<(u128, u64, u8)> {
    let mut values = headers.get_all("traceparent").iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let text = value.to_str().ok()?;
    let (version, rest) = (hex(text.get(..2)?)?, text.get(55..)?);
    // §3.2.4: of later versions what is known is read, if something else goes on after a dash.
    let is_whole = rest.is_empty() || version > 0 && rest.starts_with('-');
    let dashes = [2, 35, 52].iter().all(|at| text.as_bytes()[*at] == b'-');
    let (trace, parent, flags) = (hex(&text[3..35])?, hex(&text[36..52])?, hex(&text[53..55])?);
    let is_right = version != 0xff && is_whole && dashes && trace != 0 && parent != 0;
    let (parent, flags) = (u64::try_from(parent).ok()?, u8::try_from(flags).ok()?);
    is_right.then_some((trace, parent, flags & (SAMPLED | RANDOM)))
}

/// §3.2.1: digits in lower case only.
fn hex(text: &str) -> Option<u128> {
    let is_hex = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_hex { u128::from_str_radix(text, 16).ok() } else { None }
}

/// §3.3: all fields in one, if each member is right; else none of it is given on.
fn state(headers: &HeaderMap) -> Option<String> {
    let mut members: Vec<&str> = Vec::new();
    for value in headers.get_all("tracestate") {
        let value: &HeaderValue = value;
        for member in value.to_str().ok()?.split(',').map(|member| member.trim_matches([' ', '\t'])) {
            if member.is_empty() {
                continue; // §3.3.1.1: they are allowed
            }
            let (key, value) = member.split_once('=')?;
            let is_new =
                !members.iter().any(|known| known.split_once('=').is_some_and(|(known, _)| known == key));
            if !is_key(key) || !is_value(value) || !is_new {
                return None;
            }
            members.push(member);
        }
    }
    (members.len() <= MAX_MEMBERS).then(|| members.join(","))
}

/// §3.3.1.1.
const MAX_MEMBERS: usize = 32;

/// §3.3.1.3.1, with the digits that Level 2 lets a simple key begin with.
fn is_key(key: &str) -> bool {
    let has = |part: &str, most: usize, begins: fn(u8) -> bool| {
        (1..=most).contains(&part.len())
            && begins(part.as_bytes()[0])
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/".contains(&byte))
    };
    let either = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    match key.split_once('@') {
        None => has(key, 256, either),
        Some((tenant, system)) => {
            has(tenant, 241, either) && has(system, 14, |byte| byte.is_ascii_lowercase())
        }
    }
}

/// §3.3.1.3.2.
fn is_value(value: &str) -> bool {
    (1..=256).contains(&value.len())
        && value.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b',' && byte != b'=')
        && !value.ends_with(' ')
}

/// Two numbers that look random, made of one that only counts: Vigna's `SplitMix64`, a bijection.
fn mixed(number: u128) -> (u64, u64) {
    #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
    let (high, low) = ((number >> 64) as u64, number as u64);
    let mix = |mut value: u64| {
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    };
    let first = mix(low.wrapping_add(high));
    (mix(first ^ high.rotate_left(17)), first)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::{TraceContext, parent, state};

    fn fields(name: &'static str, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    const TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
    const PARENT: u64 = 0x00f0_67aa_0ba9_02b7;

    /// The cases of the W3C's own test suite, and the examples of the recommendation.
    #[test]
    fn traceparent() {
        for (value, expected) in [
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Some(1)),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", Some(0)),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff", Some(3)), // unknown flags are dropped
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Some(1)),
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-brings", Some(1)),
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.what", None),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", None),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-", None),
            ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None),
            ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", None),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", None),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", None),
            ("00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01", None),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1", None),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", None),
            ("00-.bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None),
            ("00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01", None),
            ("", None),
        ] {
            let found = parent(&fields("traceparent", &[value]));
            assert_eq!(found, expected.map(|flags| (TRACE, PARENT, flags)), "{value}");
        }
        let twice = ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"; 2];
        assert_eq!(parent(&fields("traceparent", &twice)), None);
    }

    #[test]
    fn tracestate() {
        let many = |count: usize| (0..count).map(|n| format!("k{n}=1")).collect::<Vec<_>>().join(",");
        let (most, too_many) = (many(32), many(33));
        let long_key = format!("{}=1", "k".repeat(257));
        let long_value = format!("k={}", "v".repeat(257));
        for (values, expected) in [
            (&["foo=1"][..], Some("foo=1")),
            (&["foo=1,bar=2", "rojo=00f067aa0ba902b7"], Some("foo=1,bar=2,rojo=00f067aa0ba902b7")),
            (&["foo=1 \t , \t bar=2,,"], Some("foo=1,bar=2")),
            (&["fw529a3039@dt=FfD,0a@b=c"], Some("fw529a3039@dt=FfD,0a@b=c")),
            (&["1st=x"], Some("1st=x")),
            (&["foo=a b"], Some("foo=a b")),
            (&[most.as_str()], Some(most.as_str())),
            (&[""], Some("")),
            (&[], Some("")),
            (&[too_many.as_str()], None),
            (&[long_key.as_str()], None),
            (&[long_value.as_str()], None),
            (&["foo=1,foo=2"], None),
            (&["foo=1", "foo=1"], None),
            (&["FOO=1"], None),
            (&["foo@=1,bar=2"], None),
            (&["@foo=1"], None),
            (&["foo@@bar=1"], None),
            (&["foo@1bar=1"], None),
            (&["foo@bar@baz=1"], None),
            (&["foo =1"], None),
            (&["foo=bar=baz"], None),
            (&["foo="], None),
            (&["foo"], None),
            (&["foo.bar=1"], None),
        ] {
            assert_eq!(state(&fields("tracestate", values)).as_deref(), expected, "{values:?}");
        }
    }

    #[test]
    fn a_trace_begins_where_there_is_none() {
        let (one, next) = (
            TraceContext::of(&HeaderMap::new(), 7 << 64),
            TraceContext::of(&HeaderMap::new(), (7 << 64) + 1),
        );
        assert!(one.trace_id() != next.trace_id() && one.span_id() != next.span_id());
        assert_eq!((one.parent_id(), one.is_sampled(), one.tracestate()), (None, false, ""));
        let mut wrong = fields("traceparent", &["00-1-2-3"]);
        wrong.extend(fields("tracestate", &["foo=1"]));
        assert_eq!(TraceContext::of(&wrong, 7 << 64), one); // its state is of another trace
    }

    proptest! {
        #[test]
        fn what_is_given_on_can_be_read(text in "\\PC{0,70}", states in proptest::collection::vec("[a-z0-9@=, ]{0,12}", 0..3)) {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
                headers.insert("traceparent", value);
            }
            headers.extend(fields("tracestate", &states.iter().map(String::as_str).collect::<Vec<_>>()));
            let trace = TraceContext::of(&headers, 99);
            let on = fields("traceparent", &[&trace.traceparent()]);
            let next = TraceContext::of(&on, 100);
            prop_assert_eq!(next.trace_id(), trace.trace_id());
            prop_assert_eq!(next.parent_id(), Some(trace.span_id()));
            let again = state(&fields("tracestate", &[trace.tracestate()]));
            prop_assert_eq!(again.as_deref(), Some(trace.tracestate()));
        }
    }
}
