//! Flagon: a web framework with Flask's programming model.
//!
//! A view is a function; [`request()`], [`g()`], [`session()`] and [`current_app()`] work wherever the request's work
//! runs.
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[get("/")]
//! async fn index() -> &'static str {
//!     "hello"
//! }
//!
//! fn app() -> App {
//!     App::new("hello").routes(routes![index])
//! }
//! ```
//!
//! # Where to go on
//!
//! The [`guide`] is a tour of a page for each topic: [`start`](guide::start), [`routing`](guide::routing),
//! [`arguments`](guide::arguments), [`answers`](guide::answers), [`conditions`](guide::conditions), [`templates`](guide::templates), [`errors`](guide::errors),
//! [`hooks`](guide::hooks), [`contexts`](guide::contexts), [`concurrency`](guide::concurrency), [`testing`](guide::testing), [`configuration`](guide::configuration),
//! [`deploying`](guide::deploying), [`tls`](guide::tls), [`sessions`](guide::sessions), [`login`](guide::login). Who knows Flask begins with [Flask's names and Flagon's](guide#from-flask).
//!
//! Modules in reading order; each uses only those above it.

mod error;
mod escaped;
mod random;
mod response;
mod redirect;
mod stream;
mod multi_dict;
mod validators;
mod vary;
mod byteranges;
mod trace;
mod request;
mod negotiate;
mod early;
mod command;
pub mod config;
mod polled;
mod wanted;
#[cfg(feature = "sql")]
pub mod sql;
pub mod signing;
mod secret_keys;
mod session;
mod session_interface;
mod sessions;
#[cfg(feature = "cache")]
mod cache_store;
mod view_limits;
mod handed;
mod origin;
mod security_headers;
mod cors;
mod view_info;
mod allow;
mod url_map;
mod g;
mod template_values;
mod templates;
mod url_defaults;
mod panic_report;
mod context_end;
mod login_settings;
mod standing;
mod stalls;
mod recording;
mod shutdown;
#[cfg(feature = "jobs")]
mod job_registry;
mod metrics;
mod rooms;
mod request_tasks;
mod view_threads;
mod cpu_threads;
mod background;
mod current_app;
mod context;
mod extract;
mod csrf;
mod globals;
#[cfg(feature = "jobs")]
mod job;
mod set_cookie;
mod next;
mod flash;
mod form_fields;
mod tasks;
mod view;
#[cfg(feature = "cache")]
pub mod cache;
mod conditional;
mod requirements;
mod file;
mod url_for;
mod template_globals;
mod render;
mod login;
mod hooks;
mod error_handlers;
mod scaffold;
mod blueprint;
mod debugger;
mod error_page;
mod panic;
mod log;
mod websocket;
mod health;
mod measured;
mod broadcast;
mod sse;
mod violations;
mod context_body;
mod compression;
mod rate_limits;
mod idempotency;
mod https;
mod upstream;
#[cfg(feature = "sql")]
mod shadow;
mod served;
mod key_need;
mod registration;
mod attempt;
mod cross_origin;
mod overload;
mod dispatch;
mod application;
mod coverage;
#[cfg(feature = "jobs")]
mod workers;
#[cfg(feature = "jobs")]
pub mod jobs;
#[cfg(feature = "sql")]
mod shadow_page;
mod app;
mod mount;
pub mod testing;
mod run;
pub mod guide;

pub use app::App;
pub use application::Application;
pub use background::BackgroundCounts;
pub use blueprint::Blueprint;
pub use broadcast::{Room, Subscription, room};
pub use command::{Command, Outcome};
pub use config::{Config, ConfigError, Secret};
pub use context::Context;
pub use cors::Cors;
pub use csrf::{CsrfCheck, CsrfError};
pub use current_app::CurrentApp;
pub use error::{
    Error, ErrorKind, ErrorStatus, FieldProblem, OrAbort, Result, abort, abort_because, abort_with,
};
pub use error_handlers::Statuses;
pub use extract::{
    Argument, BodyStream, Form, FromRequest, FromVariable, Header, Json, Patch, Query, State, Text,
    UploadReader, UploadedFile, UrlValue, VariableError, kind, secure_filename,
};
pub use file::{SendFile, safe_join, send_file, send_from_directory};
pub use flash::{Flash, flash, flash_with, get_flashed_messages};
pub use form_fields::{FormField, FormFields, form_fields};
pub use g::Globals;
#[cfg(feature = "sql")]
pub use globals::db;
pub use globals::{
    CurrentG, CurrentRequest, after_this_request, csp_nonce, csrf_token, current_app, g, has_app,
    has_request, request, session,
};
pub use hooks::BeforeAnswer;
#[cfg(feature = "sql")]
pub use idempotency::SqlAnswers;
pub use idempotency::{IdempotencyKey, IdempotencyStore, Keeping, KeptAnswer, MemoryAnswers};
pub use login::{
    LoginAttempt, PasswordCheck, WerkzeugHash, check_password, current_user, hash_password,
    hash_password_for_werkzeug, is_login_fresh, login_attempt, login_user, login_user_and_remember,
    logout_user, require_login,
};
pub use login_settings::User;
pub use metrics::{Counter, Exposition, Gauge, Histogram, Metrics};
pub use multi_dict::MultiDict;
pub use next::{redirect_to_next, redirect_within};
pub use rate_limits::user_key;
pub use redirect::{Redirect, redirect, redirect_with};
pub use render::{render, render_string};
pub use request::{Request, RequestId};
pub use response::{Html, IntoResponse, IntoResult, Response, ResponsePart};
pub use rooms::{Message, Slow};
pub use scaffold::Scaffold;
pub use security_headers::{ContentSecurityPolicy, SecurityHeaders};
pub use session::{Session, SessionValue};
pub use session_interface::SessionInterface;
#[cfg(feature = "sql")]
pub use sessions::SqlStore;
pub use sessions::{
    MemoryStore, ServerSessions, SessionInfo, SessionKey, SessionStore, Sessions, StoredSession,
};
pub use set_cookie::ResponseCookies;
#[cfg(feature = "sql")]
pub use shadow::{ComparedRoute, DifferenceGroup, Shadow, ShadowReport};
pub use shutdown::Shutdown;
pub use sse::{Event, EventStream, IntoEvent, sse};
pub use stalls::Stall;
pub use standing::StalledCall;
pub use stream::{Streamed, stream, stream_reader};
pub use tasks::{
    InContext, KeepContext, background, blocking, copy_current_request_context, parallel, spawn,
};
pub use trace::TraceContext;
pub use upstream::{Side, UpstreamCount};
pub use url_defaults::UrlValues;
pub use url_for::{UrlFor, url_for};
pub use url_map::{EndpointInfo, SetupError, Source, UrlMap};
pub use view::{Route, View};
pub use view_info::{Access, CsrfRule, DefaultValue, StateKey, ViewInfo, ViewRule, ViewWord};
pub use view_limits::{Compress, Idempotent, RateLimit, ViewLimits};
pub use view_threads::ViewThreadCounts;
pub use wanted::is_cancelled;
pub use websocket::{Close, Closed, EndOfView, WebSocket, WebSocketSender};

pub use bytes::{self, Bytes};
pub use flagon_http::{
    Body, BodyError, BodyErrorKind,
    cache_control::CacheControl,
    cookie::{Cookie, SameSite},
    etag::ETag,
};
#[cfg(feature = "cache")]
pub use flagon_macros::cached;
#[cfg(feature = "jobs")]
pub use flagon_macros::job;
pub use flagon_macros::{delete, get, patch, post, put, query, route, routes, url_for};
pub use flagon_order as order;
pub use flagon_routing::{Converter, Reach, StrictSlashes, Value};
pub use flagon_server::{
    Address, ClientCertificate, ConnectionInfo, FieldSizes, FrameHead, FrameKind, FrameLog, SubjectName,
    TcpInfo, TlsInfo, Way,
};
#[cfg(feature = "sql")]
pub use flagon_shadow::{Rules, SelectorError};
#[cfg(feature = "sea-orm")]
pub use flagon_sql::sea_orm;
pub use flagon_template::{self as template, Policy, Safe};
pub use flagon_upstream::{
    AddressError, CertificateError as UpstreamCertificateError, Command as UpstreamCommand, Supervisor,
    Upstream,
};
pub use futures_util::future::BoxFuture;
pub use http;
pub use minijinja;
pub use rayon;
pub use serde;
pub use std::process::ExitCode;
pub use tokio::{join, try_join};
pub use uuid::Uuid;
pub use validators::{ResponseValidators, Validators, generate_etag};

pub mod prelude {
    //! What most files of an app need: `use flagon::prelude::*;`.

    #[cfg(feature = "cache")]
    pub use crate::cached;
    #[cfg(feature = "jobs")]
    pub use crate::job;
    pub use crate::{
        App, Blueprint, Cookie, Error, Form, Header, Html, IntoResponse, Json, OrAbort, Patch, Query,
        Redirect, Response, ResponseCookies, Result, Scaffold, State, abort, abort_because,
        after_this_request, context, current_app, delete, g, get, patch, post, put, query, redirect,
        redirect_with, render, request, route, routes, session, url_for,
    };
    #[cfg(feature = "sql")]
    pub use crate::{db, sql::Row};
    pub use serde::{Deserialize, Serialize};
}

#[doc(hidden)]
pub mod __private {
    //! What the expansions of the macros call; no one else may.

    #[cfg(feature = "jobs")]
    pub use crate::job_registry::unique_by_arguments;
    #[cfg(feature = "cache")]
    pub use crate::{
        cache::call::{CachedCall, cached_function, cached_result, key as cache_key},
        cache_store::CachedView,
    };
    pub use crate::{
        extract::{argument, optional_url_value, optional_variable, variable},
        template_values::{Fields, Values, values_and},
        view::{answer, answer_blocking},
        websocket::{Opening, answer as answer_websocket, open as open_websocket},
    };
}
