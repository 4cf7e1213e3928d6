//! Computing on all cores, with the context kept.

use std::{
    panic::resume_unwind,
    sync::{Arc, LazyLock},
};

use rayon::iter::{
    ParallelIterator,
    plumbing::{Consumer, Folder, UnindexedConsumer},
};

use crate::{
    context::Context,
    cpu_threads::CpuThreads,
    panic_report::{answered, is_answered},
};

/// Computes `work` on the threads that are for that, one per core, with the current context kept; the event loop serves others meanwhile.
///
/// Within it, `rayon`'s iterators and `join` use all of these threads; [`keep_context`](KeepContext::keep_context) lets
/// `request()` and `g()` work in their steps too, which have no context otherwise. No more computations are begun than there are threads; others wait, and one whose client has
/// left is not begun. What blocks rather than computes is for [`blocking`](crate::blocking).
///
/// # Panics
///
/// With the panic of `work`, and outside of a tokio runtime.
///
/// # Examples
///
/// ```
/// use flagon::{KeepContext, prelude::*, rayon::prelude::*};
///
/// #[get("/sum/<int:most>")]
/// async fn sum(most: u64) -> String {
///     flagon::parallel(move || {
///         let squares = (1..=most).into_par_iter().keep_context().map(|number| number * number);
///         format!("{}: {}", request().path(), squares.sum::<u64>())
///     })
///     .await
/// }
///
/// let client = App::new("docs").routes(routes![sum]).test_client();
/// assert_eq!(client.get("/sum/1000").wait().text(), "/sum/1000: 333833500");
/// ```
pub async fn parallel<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let given = match Context::current() {
        Some(context) => {
            let is_answered = is_answered();
            let app = Arc::clone(context.app());
            let run = move || context.run(|| if is_answered { answered(work) } else { work() });
            app.cpu_threads.run(run).await
        }
        None => OF_NO_APP.run(work).await,
    };
    given.unwrap_or_else(|panic| resume_unwind(panic))
}

/// The threads for what no app asks for.
static OF_NO_APP: LazyLock<CpuThreads> = LazyLock::new(|| CpuThreads::new(None));

/// Lets the steps of a parallel iterator see the current context, on whichever thread they run.
///
/// # Examples
///
/// See [`parallel`].
pub trait KeepContext: ParallelIterator {
    /// What is done after this with the items, has the context that is current now.
    fn keep_context(self) -> InContext<Self> {
        InContext { items: self, context: Context::current() }
    }
}

impl<I: ParallelIterator> KeepContext for I {}

/// A parallel iterator whose later steps see a context: what [`keep_context`](KeepContext::keep_context) gives.
#[derive(Debug, Clone)]
#[must_use = "iterators do nothing until they are used"]
pub struct InContext<I> {
    items: I,
    context: Option<Arc<Context>>,
}

/// Not an indexed one, although the items may be: what takes them one by one from an indexed iterator, such as `zip`, would run the
/// steps before it without the context.
impl<I: ParallelIterator> ParallelIterator for InContext<I> {
    type Item = I::Item;

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        self.items.drive_unindexed(Within { inner: consumer, context: self.context })
    }
}

/// A consumer or a folder that takes its items with a context current.
struct Within<C> {
    inner: C,
    context: Option<Arc<Context>>,
}

impl<C> Within<C> {
    fn around<D>(&self, inner: D) -> Within<D> {
        Within { inner, context: self.context.clone() }
    }

    fn run<T>(context: Option<&Arc<Context>>, work: impl FnOnce() -> T) -> T {
        match context {
            Some(context) => context.run(work),
            None => work(),
        }
    }
}

impl<T, C: Consumer<T>> Consumer<T> for Within<C> {
    type Folder = Within<C::Folder>;
    type Reducer = C::Reducer;
    type Result = C::Result;

    fn split_at(self, index: usize) -> (Self, Self, C::Reducer) {
        let Self { inner, context } = self;
        let (left, right, reducer) = inner.split_at(index);
        let right = Self { inner: right, context: context.clone() };
        (Self { inner: left, context }, right, reducer)
    }

    fn into_folder(self) -> Self::Folder {
        Within { inner: self.inner.into_folder(), context: self.context }
    }

    fn full(&self) -> bool {
        self.inner.full()
    }
}

impl<T, C: UnindexedConsumer<T>> UnindexedConsumer<T> for Within<C> {
    fn split_off_left(&self) -> Self {
        self.around(self.inner.split_off_left())
    }

    fn to_reducer(&self) -> C::Reducer {
        self.inner.to_reducer()
    }
}

impl<T, F: Folder<T>> Folder<T> for Within<F> {
    type Result = F::Result;

    fn consume(self, item: T) -> Self {
        let Self { inner, context } = self;
        let inner = Self::run(context.as_ref(), || inner.consume(item));
        Self { inner, context }
    }

    /// Enters the context once for all of `items`.
    fn consume_iter<I: IntoIterator<Item = T>>(self, items: I) -> Self {
        let Self { inner, context } = self;
        let inner = Self::run(context.as_ref(), || inner.consume_iter(items));
        Self { inner, context }
    }

    fn complete(self) -> F::Result {
        self.inner.complete()
    }

    fn full(&self) -> bool {
        self.inner.full()
    }
}
