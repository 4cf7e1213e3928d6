//! What a status means, in a sentence for the person in front of the browser.

use flagon_http::h1::reason;
use http::StatusCode;

/// The name of `status`.
pub(super) fn title(status: StatusCode) -> &'static str {
    reason(status).unwrap_or(if status.is_client_error() { "Client Error" } else { "Server Error" })
}

/// What `status` means for the person who asked.
pub(super) fn explanation(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "The server could not understand what the browser sent.",
        401 => "You have to log in to see this.",
        402 => "This has to be paid for.",
        403 => "You may not see this.",
        404 => "There is nothing at this address. If you typed it, check the spelling.",
        405 => "This address does not answer to that method.",
        406 => "The server has this, but in no form that the browser takes.",
        407 => "You have to log in at the proxy.",
        408 => "The browser took too long to send its request.",
        409 => "This does not fit what is there now. Somebody may have changed it meanwhile.",
        410 => "What was here has been removed for good.",
        411 => "The request has to say how long its content is.",
        412 => "This has changed since you last saw it.",
        413 => "What was sent is larger than the server takes.",
        414 => "The address is longer than the server takes.",
        415 => "The server does not take content of this type.",
        416 => "The part that was asked for is not there.",
        417 => "The server can't do what the request expects.",
        421 => "This server does not answer for that host.",
        422 => "The server understood what was sent, but can't work with it.",
        423 => "This is locked.",
        424 => "Something that this depends on has failed.",
        425 => "The server does not take the risk of a request that might be a replay.",
        426 => "The server wants to speak another protocol.",
        428 => "The request has to say which state of things it is about.",
        429 => "There were too many requests. Try again later.",
        431 => "The fields of the request are larger than the server takes.",
        451 => "This may not be shown, for legal reasons.",
        500 => "The server met an error of its own. It has been written down.",
        501 => "The server can't do this.",
        502 => "A server behind this one gave an answer that makes no sense.",
        503 => "The server can't answer now. Try again later.",
        504 => "The answer took too long.",
        505 => "The server does not speak this version of HTTP.",
        507 => "The server has no room left.",
        508 => "The server went round in circles.",
        511 => "You have to log in to the network.",
        _ if status.is_client_error() => "The request could not be answered.",
        _ => "The server could not answer.",
    }
}
