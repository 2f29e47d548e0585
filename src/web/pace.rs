//! A connection's patience with its client. The HTTP library times the first head of a connection
//! and idle ones; this times what it does not: later heads, and answers nobody takes.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::connections::Place;
use super::farewell;
use super::limits::Limits;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The library's own timer watches over the first head.
    FirstHead,
    /// A request is being worked on: the client owes nothing.
    Serving,
    /// Between two requests.
    Idle,
    /// Some of the next head has arrived.
    Head { since: Instant },
}

/// Where a connection stands. The middleware says when a request begins and ends.
#[derive(Debug)]
pub(super) struct Pace(Cell<Phase>);

impl Pace {
    pub(super) fn request_began(&self) {
        self.0.set(Phase::Serving);
    }

    pub(super) fn request_ended(&self) {
        self.0.set(Phase::Idle);
    }

    fn bytes_arrived(&self) {
        if self.0.get() == Phase::Idle {
            self.0.set(Phase::Head {
                since: Instant::now(),
            });
        }
    }
}

/// A connection that is closed when its client takes too long.
pub(super) struct PacedStream<S> {
    stream: S,
    pace: Rc<Pace>,
    header_time: Duration,
    write_time: Duration,
    stalled_since: Option<Instant>,
    /// One timer for everything, left running from request to request: setting a timer for each
    /// head would cost more than reading it.
    timer: Option<Pin<Box<Sleep>>>,
    /// What is being sent instead of the library's bare refusal, and how much of it is left.
    farewell: Option<&'static [u8]>,
    _place: Place,
}

impl<S> PacedStream<S> {
    pub(super) fn new(stream: S, place: Place, limits: &Limits) -> Self {
        Self {
            stream,
            pace: Rc::new(Pace(Cell::new(Phase::FirstHead))),
            header_time: Duration::from_secs(limits.header_seconds),
            write_time: Duration::from_secs(limits.write_seconds),
            stalled_since: None,
            timer: None,
            farewell: None,
            _place: place,
        }
    }

    pub(super) fn pace(&self) -> Rc<Pace> {
        Rc::clone(&self.pace)
    }

    /// Called whenever the client has us waiting: when will the patience end, and has it?
    fn wait(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let head_ends = match self.pace.0.get() {
            Phase::Head { since } => Some(since + self.header_time),
            Phase::FirstHead | Phase::Serving | Phase::Idle => None,
        };
        let write_ends = self.stalled_since.map(|since| since + self.write_time);
        let Some(ends) = head_ends.into_iter().chain(write_ends).min() else {
            return Ok(());
        };
        loop {
            match &mut self.timer {
                // It will wake us; whether too early is decided then.
                Some(timer) if !timer.is_elapsed() => return Ok(()),
                _ if ends <= Instant::now() => return Err(io::ErrorKind::TimedOut.into()),
                Some(timer) => timer.as_mut().reset(ends.into()),
                None => self.timer = Some(Box::pin(tokio::time::sleep_until(ends.into()))),
            }
            if let Some(timer) = &mut self.timer
                && timer.as_mut().poll(cx).is_pending()
            {
                return Ok(());
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PacedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        match read {
            Poll::Ready(_) => self.pace.bytes_arrived(),
            Poll::Pending => self.wait(cx)?,
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> PacedStream<S> {
    fn poll_farewell(
        &mut self,
        cx: &mut Context<'_>,
        mut left: &'static [u8],
    ) -> Poll<io::Result<()>> {
        while !left.is_empty() {
            match Pin::new(&mut self.stream).poll_write(cx, left) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => left = &left[count..],
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.farewell = Some(left);
                    return Poll::Pending;
                }
            }
        }
        self.farewell = None;
        Poll::Ready(Ok(()))
    }

    fn after_write(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled_since = None;
        } else {
            self.stalled_since.get_or_insert_with(Instant::now);
            self.wait(cx)?;
        }
        written
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PacedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.farewell.is_none() {
            self.farewell = farewell::instead_of(bytes);
        }
        let written = match self.farewell {
            None => Pin::new(&mut self.stream).poll_write(cx, bytes),
            Some(farewell) => self.poll_farewell(cx, farewell).map_ok(|()| bytes.len()),
        };
        self.after_write(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.after_write(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
