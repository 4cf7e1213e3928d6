//! Who is the developer.

use std::net::IpAddr;

use crate::{config::host_name, context::Context};

/// What others are told.
pub(super) const REFUSAL: &str = "The debug panel answers browsers on this machine that ask for it by its own name, such as \
localhost, and not through a proxy. To open it to all who reach the port, set server.allow_remote_debug = true.\n";

/// Whether the client of `context` is the developer: `debug` is on, and it is a browser on this machine that asked for this machine by
/// its own name. Another name that leads here would make a page another site's to read (DNS rebinding), and a proxy would show it to
/// everyone.
pub(crate) fn is_developer(context: &Context) -> bool {
    let config = context.app().config();
    config.debug && (config.server.allow_remote_debug || is_local(context))
}

/// Whether the client is on this machine, asks for it by its own name, and does so without a proxy.
pub(crate) fn is_local(context: &Context) -> bool {
    const PROXIED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
    let request = context.request();
    let host = host_name(request.host()).to_ascii_lowercase();
    let is_this_machine = host == "localhost"
        || host.ends_with(".localhost")
        || host.trim_matches(['[', ']']).parse().is_ok_and(|address: IpAddr| address.is_loopback());
    request.remote_addr().is_loopback()
        && is_this_machine
        && !PROXIED.iter().any(|name| request.headers().contains_key(*name))
}
