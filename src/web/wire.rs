//! A connection's bytes as the server reads them, however they travel: in clear or encrypted. Must not
//! know what they say.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connections::Place;
use crate::tls::{Encrypted, Session};

pub(super) enum Wire {
    Clear(TcpStream),
    Encrypted(Encrypted<TcpStream>),
}

/// A connection on its way to the thread that serves it, as the system knows it: each runtime watches
/// its own.
pub(super) struct Parcel {
    pub(super) stream: std::net::TcpStream,
    /// Hands have been shaken; the place was given before.
    pub(super) encrypted: Option<(Session, Place)>,
}

/// A connection where it is served.
pub(super) struct Delivery {
    pub(super) wire: Wire,
    pub(super) place: Option<Place>,
    pub(super) is_http2: bool,
}

impl Parcel {
    pub(super) fn open(self) -> io::Result<Delivery> {
        let stream = TcpStream::from_std(self.stream)?;
        Ok(match self.encrypted {
            None => Delivery {
                wire: Wire::Clear(stream),
                place: None,
                is_http2: false,
            },
            Some((session, place)) => Delivery {
                is_http2: session.is_http2(),
                wire: Wire::Encrypted(session.over(stream)),
                place: Some(place),
            },
        })
    }
}

impl Wire {
    fn stream(&self) -> &TcpStream {
        match self {
            Self::Clear(stream) => stream,
            Self::Encrypted(encrypted) => encrypted.get_ref(),
        }
    }

    pub(super) fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream().peer_addr()
    }

    /// Answers are written whole; waiting to fill packets would only delay them.
    pub(super) fn send_at_once(&self) -> io::Result<()> {
        self.stream().set_nodelay(true)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Encrypted(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Clear(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Encrypted(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Clear(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Self::Encrypted(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(stream) => Pin::new(stream).poll_flush(cx),
            Self::Encrypted(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Encrypted(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
