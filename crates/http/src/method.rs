//! What a method means: the facts about it that do not depend on a resource.
//!
//! In: a method. Out: whether it is known, cacheable, or has a body with a meaning. Whether it is safe or idempotent
//! [`Method::is_safe`] and [`Method::is_idempotent`] tell, `QUERY` among both.
//! Never: knows which methods a resource takes.
//!
//! RFC 9110 §9.2; RFC 5789 (PATCH); RFC 10008 (QUERY).

use http::Method;

/// Whether every server of today knows `method`, whatever it allows: one that is not known is answered 501, one that is
/// known but not allowed here 405 (RFC 9110 §9.1).
///
/// # Examples
///
/// ```
/// use flagon_http::method::is_known;
/// use http::Method;
///
/// assert!(is_known(&Method::QUERY));
/// assert!(!is_known(&Method::from_bytes(b"BREW").unwrap()));
/// assert!(!is_known(&Method::from_bytes(b"get").unwrap())); // methods are case-sensitive
/// ```
pub fn is_known(method: &Method) -> bool {
    matches!(
        *method,
        Method::GET
            | Method::HEAD
            | Method::POST
            | Method::PUT
            | Method::PATCH
            | Method::DELETE
            | Method::OPTIONS
            | Method::QUERY
            | Method::TRACE
            | Method::CONNECT
    )
}

/// Whether answers to `method` may be kept by a cache without being told so (RFC 9110 §9.2.3): `GET`, `HEAD`, and
/// `QUERY` together with its body. An answer to `POST` may be when it says how long, which no cache does.
///
/// # Examples
///
/// ```
/// use flagon_http::method::is_cacheable;
/// use http::Method;
///
/// assert!(is_cacheable(&Method::GET) && !is_cacheable(&Method::POST));
/// ```
pub fn is_cacheable(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::QUERY)
}

/// Whether `method` asks for the state of a resource: a condition that says "I have this" is then answered 304, and any
/// other method's 412 (RFC 9110 §13.1.2; RFC 10008 §2.6).
///
/// # Examples
///
/// ```
/// use flagon_http::method::is_retrieval;
/// use http::Method;
///
/// assert!(is_retrieval(&Method::HEAD) && !is_retrieval(&Method::OPTIONS));
/// ```
pub fn is_retrieval(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::QUERY)
}
