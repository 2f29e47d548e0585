//! A connection between its socket and the HTTP library. It answers by itself what is at hand, hands the
//! library one other request at a time, and steps aside for good when it cannot say for sure where a
//! request ends. It also is what keeps the time: the library's own timers know nothing of the short way.
//!
//! The library sees a stream of bytes on which only the requests of the long way ever arrive. That
//! nothing else is read from it while an answer is on its way also means that a client's pipelined
//! requests wait in the socket rather than in memory.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::connections::Place;
use super::super::draining::Draining;
use super::super::farewell;
use super::super::limits::Limits;
use super::super::pace::{Answer, Pace, Patience, Phase, Spent};
use super::ask::{Verdict, read};
use super::goodbye::Frames;
use super::outgoing::Outgoing;
use super::shelf::Shelf;

/// A head that is longer and not yet complete is left to the library, with all that follows.
const MAX_HEAD_BYTES: usize = 4 * 1024;
/// How long a connection that has asked for nothing may still do so when the server is finishing.
const LATE_COMER_TIME: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Requests are looked at here.
    Short,
    /// The library has a request, but for so many bytes of its body. It gets nothing else before its
    /// answer is sent.
    Waiting { body_bytes: u64 },
    /// Everything goes to the library.
    Long,
    /// The library tells several requests apart that share the connection.
    Many,
    /// The last answer is sent.
    Closed,
}

/// What is to be done with bytes that have been looked at.
enum Next {
    Read,
    HandOn { head: usize, body_bytes: u64 },
    StepAside,
    Flush,
    Close,
}

pub(in crate::web) struct Connection<S> {
    stream: S,
    way: Way,
    shelf: Option<Rc<Shelf>>,
    patience: Patience,
    /// Read from the socket and not yet looked at, or not complete.
    held: Vec<u8>,
    outgoing: Outgoing,
    draining: Draining,
    told_of_draining: Option<Pin<Box<dyn Future<Output = ()>>>>,
    /// What is being sent instead of the library's bare refusal, and how much of it is left.
    farewell: Option<&'static [u8]>,
    /// Where requests share the connection, until they have been told to go elsewhere.
    frames: Option<Frames>,
    _place: Place,
}

impl<S> Connection<S> {
    /// Without a shelf every request takes the long way.
    pub(in crate::web) fn new(
        stream: S,
        place: Place,
        limits: &Limits,
        shelf: Option<Rc<Shelf>>,
        draining: Draining,
    ) -> Self {
        Self {
            stream,
            way: if shelf.is_some() {
                Way::Short
            } else {
                Way::Long
            },
            shelf,
            patience: Patience::new(limits),
            held: Vec::new(),
            outgoing: Outgoing::default(),
            draining,
            told_of_draining: None,
            farewell: None,
            frames: None,
            _place: place,
        }
    }

    /// From the beginning on, requests share the connection.
    pub(in crate::web) fn carry_many(&mut self) {
        self.way = Way::Many;
        self.frames = Some(Frames::default());
    }

    pub(in crate::web) fn pace(&self) -> Rc<Pace> {
        Rc::clone(self.patience.pace())
    }

    /// Fills the buffer with what was read earlier.
    fn unhold(&mut self, buffer: &mut ReadBuf<'_>) {
        if self.held.is_empty() {
            return;
        }
        let count = self.held.len().min(buffer.remaining());
        buffer.put_slice(&self.held[..count]);
        if count == self.held.len() {
            self.held = Vec::new();
        } else {
            self.held.drain(..count);
        }
    }

    /// Takes back what stands in the buffer from `at` on.
    fn hold(&mut self, buffer: &mut ReadBuf<'_>, at: usize) {
        if buffer.filled().len() == at {
            return;
        }
        let later = std::mem::take(&mut self.held);
        self.held = [&buffer.filled()[at..], &later].concat();
        buffer.set_filled(at);
    }

    /// Once the server is finishing, a connection with nothing under way gets only a moment: long enough
    /// for a request that is on its way already, which would otherwise meet a closed door.
    fn mind_draining(&mut self, cx: &mut Context<'_>) {
        if self.draining.has_begun() {
            self.patience.hurry(LATE_COMER_TIME);
        } else if self.told_of_draining.is_none() {
            // Looked at once, which is enough to be woken; the rest is the flag's business.
            let mut told = self.draining.begins();
            if told.as_mut().poll(cx).is_ready() {
                cx.waker().wake_by_ref();
            }
            self.told_of_draining = Some(told);
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    fn poll_short(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let start = buffer.filled().len();
        loop {
            self.unhold(buffer);
            if buffer.filled().len() > start {
                let (used, next) = self.look(cx, &buffer.filled()[start..])?;
                let end = buffer.filled().len();
                buffer.filled_mut().copy_within(start + used..end, start);
                buffer.set_filled(end - used);
                match next {
                    Next::Read => {}
                    Next::HandOn { head, body_bytes } => {
                        let body_at = start + head;
                        let here = least(body_bytes, buffer.filled().len() - body_at);
                        self.hold(buffer, body_at + here);
                        let body_bytes = body_bytes - here as u64;
                        self.way = Way::Waiting { body_bytes };
                        self.patience.pace().handed_on();
                        return Poll::Ready(Ok(()));
                    }
                    Next::StepAside => return self.step_aside(),
                    Next::Flush => {
                        self.hold(buffer, start);
                        return Poll::Pending;
                    }
                    Next::Close => {
                        buffer.set_filled(start);
                        self.way = Way::Closed;
                        return Poll::Ready(Ok(()));
                    }
                }
            }
            let begun = buffer.filled().len();
            if begun - start >= MAX_HEAD_BYTES || buffer.remaining() == 0 {
                return self.step_aside();
            }
            if !self.held.is_empty() {
                continue;
            }
            match Pin::new(&mut self.stream).poll_read(cx, buffer) {
                Poll::Ready(Ok(())) if buffer.filled().len() == begun => {
                    // The client has sent its last byte. What it left unfinished is for the library to judge.
                    return self.step_aside();
                }
                Poll::Ready(Ok(())) => self.patience.pace().bytes_arrived(Instant::now()),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.hold(buffer, start);
                    return self.wait(cx);
                }
            }
        }
    }

    fn step_aside(&mut self) -> Poll<io::Result<()>> {
        self.way = Way::Long;
        Poll::Ready(Ok(()))
    }

    /// Answers what is at hand; says how many bytes that were, and what is to be done with the rest.
    fn look(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> io::Result<(usize, Next)> {
        let Some(at_hand) = self.shelf.clone() else {
            return Ok((0, Next::StepAside));
        };
        let arrived = Instant::now();
        let mut used = 0;
        while used < bytes.len() {
            let (ask, length) = match read(&bytes[used..]) {
                Verdict::Ask(ask, length) => (ask, length),
                Verdict::Plain(head, body_bytes) => {
                    return Ok((used, Next::HandOn { head, body_bytes }));
                }
                Verdict::Partial => break,
                Verdict::Odd => return Ok((used, Next::StepAside)),
            };
            let last = self.draining.has_begun();
            let (outgoing, stream) = (&mut self.outgoing, &mut self.stream);
            let sent = at_hand.answer(&ask, arrived, last, |head, body| {
                outgoing.send(stream, cx, head, body)
            });
            match sent {
                None => {
                    let (head, body_bytes) = (length, 0);
                    return Ok((used, Next::HandOn { head, body_bytes }));
                }
                Some(sent) => sent?,
            }
            used += length;
            self.patience.pace().rest(arrived);
            if last {
                return Ok((used, Next::Close));
            }
            if self.poll_outgoing(cx)?.is_pending() {
                return Ok((used, Next::Flush));
            }
        }
        if used < bytes.len() {
            self.patience.pace().bytes_arrived(arrived);
        }
        Ok((used, Next::Read))
    }

    fn poll_long(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.held.is_empty() {
            self.unhold(buffer);
            self.patience.pace().bytes_arrived(Instant::now());
            return Poll::Ready(Ok(()));
        }
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        match read {
            Poll::Ready(_) => {
                self.patience.pace().bytes_arrived(Instant::now());
                read
            }
            Poll::Pending => self.wait(cx),
        }
    }

    /// What arrives may be of no request: only answers count as life.
    fn poll_many(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if read.is_pending() {
            self.mind_draining(cx);
            if self.poll_goodbye(cx)?.is_ready() {
                let _ = Pin::new(&mut self.stream).poll_flush(cx)?;
            }
            return self.wait(cx);
        }
        read
    }

    /// Gives the library more of the body it waits for, and nothing beyond.
    fn poll_body(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
        body_bytes: u64,
    ) -> Poll<io::Result<()>> {
        let room = least(body_bytes, buffer.remaining());
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(room));
        let read = self.poll_long(cx, &mut part);
        let count = part.filled().len();
        buffer.advance(count);
        let body_bytes = body_bytes - count as u64;
        self.way = Way::Waiting { body_bytes };
        read
    }

    /// Nothing has arrived. Ready without a byte is the end of the connection.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.mind_draining(cx);
        match self.patience.spent(cx) {
            None => Poll::Pending,
            Some(Spent::Idle) => Poll::Ready(Ok(())),
            Some(Spent::Head) => self.give_up(cx),
            Some(Spent::Write) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
        }
    }

    /// The head does not come. The client is told, unless the bytes that came may belong to something
    /// else: behind an answer on the long way they may be a body nobody reads.
    fn give_up(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let is_first = matches!(self.patience.pace().phase(), Phase::FirstHead { .. });
        let said_nothing = is_first && self.held.is_empty() && self.way == Way::Short;
        if said_nothing && self.draining.has_begun() {
            return Poll::Ready(Ok(()));
        }
        if self.way != Way::Many && (is_first || self.way == Way::Short) {
            let mut stream = Pin::new(&mut self.stream);
            // It is short enough for an empty buffer; a client that left no room has had its chance.
            if stream
                .as_mut()
                .poll_write(cx, farewell::TOO_SLOW)?
                .is_ready()
            {
                let _ = stream.poll_shutdown(cx)?;
            }
        }
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    fn poll_outgoing(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.outgoing.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let sent = self.outgoing.poll(&mut self.stream, cx);
        self.mind_writing(cx, sent.is_ready())?;
        sent
    }

    /// Keeps the time of a client that does not take what it asked for.
    fn mind_writing(&mut self, cx: &mut Context<'_>, flowing: bool) -> io::Result<()> {
        if flowing {
            self.patience.flowing();
            return Ok(());
        }
        self.patience.stalled();
        match self.patience.spent(cx) {
            Some(Spent::Write) => Err(io::ErrorKind::TimedOut.into()),
            _ => Ok(()),
        }
    }

    /// Writes for requests that share the connection; says goodbye between two frames once the server is
    /// finishing.
    fn poll_write_many(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_goodbye(cx))?;
        let Some(frames) = &mut self.frames else {
            return Pin::new(&mut self.stream).poll_write(cx, bytes);
        };
        let is_finishing = self.draining.has_begun();
        let end = frames.rest_of_frame().filter(|_| is_finishing);
        let part = &bytes[..end.map_or(bytes.len(), |end| end.min(bytes.len()))];
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, part))?;
        frames.sent(&part[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_goodbye(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.farewell.is_none() && self.draining.has_begun() {
            self.farewell = self.frames.as_ref().and_then(Frames::farewell);
            if self.farewell.is_some() {
                self.frames = None;
            }
        }
        match self.farewell {
            Some(left) => self.poll_farewell(cx, left),
            None => Poll::Ready(Ok(())),
        }
    }

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
}

fn least(bytes: u64, room: usize) -> usize {
    usize::try_from(bytes).map_or(room, |bytes| bytes.min(room))
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Connection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_outgoing(cx))?;
        match self.way {
            Way::Short => self.poll_short(cx, buffer),
            Way::Waiting { body_bytes: 0 } => self.wait(cx),
            Way::Waiting { body_bytes } => self.poll_body(cx, buffer, body_bytes),
            Way::Long => self.poll_long(cx, buffer),
            Way::Many => self.poll_many(cx, buffer),
            Way::Closed => Poll::Ready(Ok(())),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Connection<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_outgoing(cx))?;
        if self.way == Way::Many {
            let written = self.poll_write_many(cx, bytes);
            self.mind_writing(cx, written.is_ready())?;
            return written;
        }
        if self.farewell.is_none() {
            self.farewell = farewell::instead_of(bytes);
        }
        let written = match self.farewell {
            None => Pin::new(&mut self.stream).poll_write(cx, bytes),
            Some(farewell) => self.poll_farewell(cx, farewell).map_ok(|()| bytes.len()),
        };
        self.mind_writing(cx, written.is_ready())?;
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_outgoing(cx))?;
        if self.way == Way::Many {
            let full = slices.iter().find(|slice| !slice.is_empty());
            let bytes = full.map_or(&[][..], |slice| &**slice);
            return self.poll_write(cx, bytes);
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.mind_writing(cx, written.is_ready())?;
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// The library calls this when it has written all it has: the moment to see that an answer is out.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_outgoing(cx))?;
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        if let Way::Waiting { body_bytes } = self.way {
            self.way = match self.patience.pace().answer() {
                Answer::Owed => return Poll::Ready(Ok(())),
                Answer::Left if body_bytes == 0 => Way::Short,
                // What to do with the rest of the body is for the library to say.
                Answer::Left | Answer::Lost => Way::Long,
            };
            // The library has asked for more before, in vain.
            cx.waker().wake_by_ref();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_outgoing(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
