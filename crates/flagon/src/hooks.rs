//! What runs before and after every view: Flask's hooks, in Flask's order.
//!
//! In: functions given to [`App`](crate::App) and [`Blueprint`](crate::Blueprint). Out: [`Hooks`], flattened for each
//! blueprint at start, so that a request walks one list.

use std::{any::type_name, fmt, sync::Arc};

use futures_util::future::BoxFuture;

use crate::{
    context::Context,
    context_end::{Teardown, run_all},
    error::{Error, Result},
    multi_dict::MultiDict,
    recording::StepKind,
    response::{GIVES_NOTHING, IntoResponse, IntoResult, Response, is_nothing},
};

type Before = Arc<dyn Fn() -> BoxFuture<'static, Result<Option<Response>>> + Send + Sync>;
type After = Arc<dyn Fn(Response) -> BoxFuture<'static, Result> + Send + Sync>;
type UrlValues = Arc<dyn Fn(Option<&str>, &MultiDict) + Send + Sync>;

/// What a before-hook may give: nothing, or an answer that takes the place of the view's.
#[diagnostic::on_unimplemented(
    message = "a before-hook can't give `{Self}`",
    note = "give `()`, `Option<impl IntoResponse>` (`Some` answers in the view's place), or a `Result` of one"
)]
pub trait BeforeAnswer {
    /// The early answer, if there is one.
    ///
    /// # Errors
    ///
    /// When the hook failed: its error is the answer.
    fn into_early(self) -> Result<Option<Response>>;
}

impl BeforeAnswer for () {
    fn into_early(self) -> Result<Option<Response>> {
        Ok(None)
    }
}

impl<R: IntoResponse> BeforeAnswer for Option<R> {
    fn into_early(self) -> Result<Option<Response>> {
        Ok(self.map(R::into_response))
    }
}

impl<B: BeforeAnswer, E: Into<Error>> BeforeAnswer for Result<B, E> {
    fn into_early(self) -> Result<Option<Response>> {
        self.map_err(E::into)?.into_early()
    }
}

/// A hook and the name of its function.
#[derive(Clone)]
pub(crate) struct Hook<F> {
    pub(crate) name: &'static str,
    pub(crate) run: F,
}

/// The hooks of an app, a blueprint, or the whole chain of an endpoint.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    url_values: Vec<UrlValues>,
    before: Vec<Hook<Before>>,
    after: Vec<Hook<After>>,
    teardown: Vec<Teardown>,
}

impl Hooks {
    pub(crate) fn add_url_values(&mut self, hook: impl Fn(Option<&str>, &MultiDict) + Send + Sync + 'static) {
        self.url_values.push(Arc::new(hook));
    }

    pub(crate) fn add_before<F, A>(&mut self, hook: F)
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output: BeforeAnswer> + Send + 'static,
    {
        let run: Before = Arc::new(move || {
            let work = hook();
            Box::pin(async move { work.await.into_early() })
        });
        self.before.push(Hook { name: type_name::<F>(), run });
    }

    #[track_caller]
    pub(crate) fn add_after<F, A>(&mut self, hook: F)
    where
        F: Fn(Response) -> A + Send + Sync + 'static,
        A: Future<Output: IntoResult> + Send + 'static,
    {
        assert!(!is_nothing::<A::Output>(), "{GIVES_NOTHING}");
        let run: After = Arc::new(move |response| {
            let work = hook(response);
            Box::pin(async move { work.await.into_result() })
        });
        self.after.push(Hook { name: type_name::<F>(), run });
    }

    pub(crate) fn add_teardown(&mut self, hook: impl Fn(Option<&Error>) + Send + Sync + 'static) {
        self.teardown.push(Arc::new(hook));
    }

    /// The chain of a scope within this one: before-hooks from the outside in, after-hooks and teardown from
    /// the inside out. The lists of `self` are a chain already, those of `inner` as they were registered.
    pub(crate) fn chain(&self, inner: &Self) -> Self {
        Self {
            url_values: self.url_values.iter().chain(&inner.url_values).cloned().collect(),
            before: self.before.iter().chain(&inner.before).cloned().collect(),
            after: inner.after.iter().rev().chain(&self.after).cloned().collect(),
            teardown: inner.teardown.iter().rev().chain(&self.teardown).cloned().collect(),
        }
    }

    /// Adds what `more` has, after what is here.
    pub(crate) fn append(&mut self, more: Self) {
        self.url_values.extend(more.url_values);
        self.before.extend(more.before);
        self.after.extend(more.after);
        self.teardown.extend(more.teardown);
    }

    /// Runs the URL value preprocessors, then the before-hooks; the first that answers or fails ends them.
    pub(crate) async fn before(&self, context: &Context) -> Result<Option<Response>> {
        if !self.url_values.is_empty() {
            let values = context.view_args();
            self.url_values.iter().for_each(|hook| hook(context.endpoint(), &values));
        }
        for hook in &self.before {
            let _step = context.step(StepKind::BeforeHook, || hook.name.into());
            if let Some(early) = (hook.run)().await? {
                return Ok(Some(early));
            }
        }
        Ok(None)
    }

    /// The after-hooks, in the order they run.
    pub(crate) fn after(&self) -> &[Hook<After>] {
        &self.after
    }

    /// Runs every teardown, also after one has panicked.
    pub(crate) fn teardown(&self, error: Option<&Error>) {
        run_all(&self.teardown, error);
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("url_values", &self.url_values.len())
            .field("before", &self.before.len())
            .field("after", &self.after.len())
            .field("teardown", &self.teardown.len())
            .finish()
    }
}
