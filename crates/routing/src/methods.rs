//! Sets of methods, small enough to compare in one instruction.
//!
//! In: method names. Out: bits. Never: changes the case of a name (RFC 9110 §9.1: methods are case-sensitive).

use std::fmt;

/// The methods that have a bit of their own in every map.
const KNOWN: [&str; 10] =
    ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "QUERY"];

/// A set of methods of one map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MethodSet(u64);

impl MethodSet {
    pub(crate) const ALL: Self = Self(u64::MAX);
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const OPTIONS: Self = Self(1 << 2);

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether a rule with these methods takes `method`, which may be one that no rule names.
    pub(crate) fn takes(self, method: Self) -> bool {
        self.has(method) || self == Self::ALL
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// The names of a map's methods.
#[derive(Clone, Debug, Default)]
pub(crate) struct MethodNames {
    /// Those beyond the known ones.
    others: Vec<Box<str>>,
}

impl MethodNames {
    /// The set of one method; empty for one that no rule names.
    #[inline]
    pub(crate) fn find(&self, name: &str) -> MethodSet {
        let bit = match name {
            "GET" => 0,
            "HEAD" => 1,
            "OPTIONS" => 2,
            "POST" => 3,
            "PUT" => 4,
            "PATCH" => 5,
            "DELETE" => 6,
            "TRACE" => 7,
            "CONNECT" => 8,
            "QUERY" => 9,
            _ => match self.others.iter().position(|other| **other == *name) {
                Some(index) => index + KNOWN.len(),
                None => return MethodSet::NONE,
            },
        };
        MethodSet(1 << bit)
    }

    /// The set of one method, which gets a bit if it has none; `None` when the bits are used up.
    pub(crate) fn add(&mut self, name: &str) -> Option<MethodSet> {
        if self.find(name) == MethodSet::NONE {
            // The last bit stays free, so that no method is taken for all of them.
            if self.others.len() + KNOWN.len() >= 63 {
                return None;
            }
            self.others.push(name.into());
        }
        Some(self.find(name))
    }

    pub(crate) fn name(&self, set: MethodSet) -> Allowed {
        let known = KNOWN.iter().copied().chain(self.others.iter().map(|other| &**other));
        Allowed(known.filter(|name| set.has(self.find(name))).map(Into::into).collect())
    }
}

/// The methods that a path's rules take, for the `Allow` header (RFC 9110 §10.2.1).
///
/// ```
/// use flagon_routing::{Map, Rule};
///
/// let map = Map::builder().rule(Rule::parse("/").unwrap().methods(["GET", "POST"])).build().unwrap();
/// assert_eq!(map.allowed("", "/").to_string(), "GET, HEAD, POST");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed(Vec<Box<str>>);

impl Allowed {
    /// The methods' names.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|name| &**name)
    }

    /// Whether no rule limits its methods, or none matches.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}
