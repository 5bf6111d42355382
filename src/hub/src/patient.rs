//! Patience that ends: a peer that does not take its answer, and one that does not finish its question.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep, sleep_until},
};

type Timer = Option<Pin<Box<Sleep>>>;

/// A stream whose writes fail when the peer takes nothing for a while.
pub struct Patient<S> {
    stream: S,
    write_max: Duration,
    timer: Timer,
}

impl<S> Patient<S> {
    /// Waits so long for the peer to take something.
    pub const fn new(stream: S, write_max: Duration) -> Self {
        Self { stream, write_max, timer: None }
    }

    fn within<T>(&mut self, cx: &mut Context<'_>, poll: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            self.timer = None;
            return poll;
        }
        let write_max = self.write_max;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(write_max)));
        timer.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.within(cx, poll)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_flush(cx);
        self.within(cx, poll)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.within(cx, poll)
    }
}

/// How fast a body must at least come to be granted more time than it begins with.
const STEADY_BYTES_PER_S: u64 = 16 * 1024;

/// How long a body may take.
#[derive(Clone, Copy, Debug)]
pub struct Grant {
    /// So long at first; each [`STEADY_BYTES_PER_S`] bytes that come grant a second more.
    pub first: Duration,
    /// And so long at most.
    pub max: Duration,
}

/// A request's body that must be complete within a time.
pub struct Timed {
    body: Incoming,
    grant: Grant,
    come_bytes: u64,
    /// Since the first byte was asked for.
    begun: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl Timed {
    /// Waits so long from the first byte asked for.
    pub const fn new(body: Incoming, grant: Grant) -> Self {
        Self { body, grant, come_bytes: 0, begun: None }
    }
}

impl Body for Timed {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        let grant = this.grant;
        let (begun, timer) = this.begun.get_or_insert_with(|| {
            let begun = Instant::now();
            (begun, Box::pin(sleep_until(begun + grant.first.min(grant.max))))
        });
        if timer.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(Box::new(io::Error::from(io::ErrorKind::TimedOut)))));
        }
        let poll = Pin::new(&mut this.body).poll_frame(cx).map_err(Into::into);
        if let Poll::Ready(Some(Ok(frame))) = &poll {
            this.come_bytes += frame.data_ref().map_or(0, |bytes| bytes.len() as u64);
            let more = Duration::from_secs(this.come_bytes / STEADY_BYTES_PER_S);
            timer.as_mut().reset(*begun + (grant.first + more).min(grant.max));
        }
        poll
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Whether an error says that time was up, however deep.
#[must_use]
pub fn is_time_up(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            return true;
        }
        next = error.source();
    }
    false
}
