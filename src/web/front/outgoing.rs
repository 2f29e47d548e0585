//! What of an answer the socket has not taken yet. Most answers are taken whole and leave nothing.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use tokio::io::AsyncWrite;

#[derive(Debug, Default)]
pub(super) struct Outgoing {
    head: Bytes,
    body: Bytes,
}

impl Outgoing {
    pub(super) fn is_empty(&self) -> bool {
        self.head.is_empty() && self.body.is_empty()
    }

    /// Sends head and body together; what does not go at once is kept, and `poll` goes on with it.
    pub(super) fn send<S: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        cx: &mut Context<'_>,
        head: &[u8],
        body: &Bytes,
    ) -> io::Result<()> {
        let count = match write(stream, cx, head, body) {
            Poll::Ready(count) => count?,
            Poll::Pending => 0,
        };
        if count < head.len() + body.len() {
            let of_head = count.min(head.len());
            self.head = Bytes::copy_from_slice(&head[of_head..]);
            self.body = body.slice(count - of_head..);
        }
        Ok(())
    }

    pub(super) fn poll<S: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !self.is_empty() {
            let count = ready!(write(stream, cx, &self.head, &self.body))?;
            let of_head = count.min(self.head.len());
            self.head.advance(of_head);
            self.body.advance(count - of_head);
        }
        Poll::Ready(Ok(()))
    }
}

fn write<S: AsyncWrite + Unpin>(
    stream: &mut S,
    cx: &mut Context<'_>,
    head: &[u8],
    body: &[u8],
) -> Poll<io::Result<usize>> {
    let slices = [IoSlice::new(head), IoSlice::new(body)];
    let first = usize::from(head.is_empty());
    let last = if body.is_empty() { 1 } else { 2 };
    let written = Pin::new(stream).poll_write_vectored(cx, &slices[first..last]);
    match ready!(written)? {
        0 => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
        count => Poll::Ready(Ok(count)),
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    /// Takes a few bytes at a time, and every second time none.
    #[derive(Default)]
    struct Narrow {
        taken: Vec<u8>,
        asked: usize,
    }

    impl AsyncWrite for Narrow {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.asked += 1;
            if self.asked.is_multiple_of(2) {
                return Poll::Pending;
            }
            let count = bytes.len().min(3);
            self.taken.extend_from_slice(&bytes[..count]);
            Poll::Ready(Ok(count))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn everything_arrives_in_order_however_little_is_taken() {
        for (head, body) in [("head, ", "and body"), ("head alone", ""), ("abc", "def")] {
            let mut narrow = Narrow::default();
            let mut outgoing = Outgoing::default();
            let mut cx = Context::from_waker(Waker::noop());
            let bytes = Bytes::from_static(body.as_bytes());
            outgoing
                .send(&mut narrow, &mut cx, head.as_bytes(), &bytes)
                .unwrap();
            while outgoing.poll(&mut narrow, &mut cx).is_pending() {}
            assert!(outgoing.is_empty());
            assert_eq!(narrow.taken, format!("{head}{body}").into_bytes());
        }
    }
}
