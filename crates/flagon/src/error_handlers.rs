//! Which function answers which error: Flask's `errorhandler`, by status and by type.

use std::{error::Error as StdError, fmt, ops::RangeInclusive, sync::Arc};

use futures_util::future::BoxFuture;
use http::StatusCode;

use crate::{
    error::{Error, Result},
    response::IntoResult,
};

/// Whether the cause of an error is of the type that a handler is for.
type IsOfType = fn(&Error) -> bool;

type Answer = Arc<dyn Fn(Error) -> BoxFuture<'static, Result> + Send + Sync>;

/// The statuses that an error handler is for: one, or a range such as `400..=499`.
#[derive(Debug, Clone)]
pub struct Statuses(RangeInclusive<u16>);

impl From<u16> for Statuses {
    fn from(code: u16) -> Self {
        Self(code..=code)
    }
}

impl From<StatusCode> for Statuses {
    fn from(status: StatusCode) -> Self {
        status.as_u16().into()
    }
}

impl From<RangeInclusive<u16>> for Statuses {
    fn from(codes: RangeInclusive<u16>) -> Self {
        Self(codes)
    }
}

/// The error handlers of an app or a blueprint.
#[derive(Default)]
pub(crate) struct ErrorHandlers {
    by_status: Vec<(Statuses, Answer)>,
    by_type: Vec<(IsOfType, Answer)>,
}

impl ErrorHandlers {
    #[track_caller]
    pub(crate) fn add<F, A>(&mut self, statuses: Statuses, handler: F)
    where
        F: Fn(Error) -> A + Send + Sync + 'static,
        A: Future<Output: IntoResult> + Send + 'static,
    {
        let Statuses(codes) = &statuses;
        assert!(
            *codes.start() >= 400 && *codes.end() <= 599,
            "an error handler is for statuses from 400 to 599, and not for {codes:?}: others are no errors"
        );
        let answer: Answer = Arc::new(move |error| {
            let work = handler(error);
            Box::pin(async move { work.await.into_result() })
        });
        self.by_status.push((statuses, answer));
    }

    pub(crate) fn add_type<E, F, A>(&mut self, handler: F)
    where
        E: StdError + Send + Sync + 'static,
        F: Fn(E) -> A + Send + Sync + 'static,
        A: Future<Output: IntoResult> + Send + 'static,
    {
        let answer: Answer = Arc::new(move |error| match error.downcast::<E>() {
            Ok(source) => {
                let work = handler(source);
                Box::pin(async move { work.await.into_result() })
            }
            Err(error) => Box::pin(async move { Err(error) }),
        });
        self.by_type.push((|error| error.downcast_ref::<E>().is_some(), answer));
    }

    /// Adds what `more` has, after what is here.
    pub(crate) fn append(&mut self, more: Self) {
        self.by_status.extend(more.by_status);
        self.by_type.extend(more.by_type);
    }

    /// Finds the handler of `error` in `chain`, which leads from the endpoint's blueprint out to the app: by the
    /// type of its cause, then by its very status, then by a range that holds the status. At each step the inner
    /// blueprint wins, and within one the handler that was registered last.
    pub(crate) fn find<'a>(chain: &'a [Arc<Self>], error: &Error) -> Option<&'a Answer> {
        let code = error.status().as_u16();
        let of_type = || chain.iter().find_map(|handlers| handlers.of_type(error));
        let exact =
            || chain.iter().find_map(|handlers| handlers.of_statuses(|codes| *codes == (code..=code)));
        let range = || chain.iter().find_map(|handlers| handlers.of_statuses(|codes| codes.contains(&code)));
        of_type().or_else(exact).or_else(range)
    }

    /// Whether a handler in `chain` is for the very type of the cause of `error`: somebody expected it.
    pub(crate) fn expect(chain: &[Arc<Self>], error: &Error) -> bool {
        chain.iter().any(|handlers| handlers.of_type(error).is_some())
    }

    fn of_type(&self, error: &Error) -> Option<&Answer> {
        self.by_type.iter().rev().find(|(is_of_type, _)| is_of_type(error)).map(|(_, answer)| answer)
    }

    fn of_statuses(&self, fits: impl Fn(&RangeInclusive<u16>) -> bool) -> Option<&Answer> {
        self.by_status.iter().rev().find(|(statuses, _)| fits(&statuses.0)).map(|(_, answer)| answer)
    }
}

impl fmt::Debug for ErrorHandlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let statuses: Vec<_> = self.by_status.iter().map(|(statuses, _)| &statuses.0).collect();
        f.debug_struct("ErrorHandlers")
            .field("by_status", &statuses)
            .field("by_type", &self.by_type.len())
            .finish()
    }
}
