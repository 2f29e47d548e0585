//! What launcher and server say to each other, over a pair of sockets that nobody else can reach. The
//! first message brings the server its listening sockets. The server's end is its standard input,
//! because that can be taken over without knowing any number; the end of the other side is the end
//! of the message stream.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, send, sendmsg, socketpair,
};

/// The kernel's own limit for one message.
const MAX_SOCKETS: usize = 64;
const MAX_MESSAGE_BYTES: usize = 4096;
const SITE: &str = "site";
const REDIRECT: &str = "redirect";
const METRICS: &str = "metrics";
const TRIAL: &str = "trial";

/// Listening sockets, by what they are for.
#[derive(Debug, Default)]
pub struct Sockets {
    pub site: Vec<TcpListener>,
    /// Where visitors in clear are sent on.
    pub redirect: Vec<TcpListener>,
    pub metrics: Option<TcpListener>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// Nobody serves yet.
    First,
    /// Somebody does, and goes on if this one does not get ready.
    Handover,
}

/// What the launcher tells the server when it starts.
#[derive(Debug)]
pub struct Start {
    pub beginning: Beginning,
    /// This version has not proved itself: it is to ask itself again and again.
    pub is_on_trial: bool,
    pub sockets: Sockets,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// This version answers its own questions and has begun to accept.
    Ready(String),
    /// It is alive.
    Beat,
}

impl News {
    fn text(&self) -> String {
        match self {
            Self::Ready(version) => format!("{READY} {version}"),
            Self::Beat => BEAT.to_owned(),
        }
    }

    /// `None`: a newer server says what we do not know.
    fn read(text: &str) -> Option<Self> {
        match text.split_once(' ') {
            Some((READY, version)) => Some(Self::Ready(version.to_owned())),
            None if text == BEAT => Some(Self::Beat),
            _ => None,
        }
    }
}

const READY: &str = "ready";
const BEAT: &str = "beat";
const DRAIN: &[u8] = b"drain";

/// The launcher's end.
#[derive(Debug)]
pub(super) struct Handle(OwnedFd);

/// The server's end.
#[derive(Debug)]
pub struct Link(OwnedFd);

/// Both ends; the second is for the server's standard input.
pub(super) fn pair() -> io::Result<(Handle, OwnedFd)> {
    let kind = SocketType::SEQPACKET;
    let (ours, theirs) = socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None)?;
    Ok((Handle(ours), theirs))
}

impl Handle {
    pub(super) fn of(socket: OwnedFd) -> Self {
        Self(socket)
    }

    pub(super) fn begin(
        &self,
        beginning: Beginning,
        is_on_trial: bool,
        sockets: &Sockets,
    ) -> io::Result<()> {
        let mut message = match beginning {
            Beginning::First => "first",
            Beginning::Handover => "handover",
        }
        .to_owned();
        if is_on_trial {
            message.push(' ');
            message.push_str(TRIAL);
        }
        let site = sockets.site.iter().map(|socket| (SITE, socket));
        let metrics = sockets.metrics.iter().map(|socket| (METRICS, socket));
        let redirect = sockets.redirect.iter().map(|socket| (REDIRECT, socket));
        let mut handed = Vec::new();
        for (purpose, socket) in site.chain(redirect).chain(metrics) {
            message.push(' ');
            message.push_str(purpose);
            handed.push(socket.as_fd());
        }
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_SOCKETS))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !control.push(SendAncillaryMessage::ScmRights(&handed)) {
            return Err(io::Error::other("too many sockets to hand over"));
        }
        let text = [IoSlice::new(message.as_bytes())];
        sendmsg(&self.0, &text, &mut control, SendFlags::NOSIGNAL)?;
        Ok(())
    }

    /// Tells the server to finish what it has and to end. One that is gone need not hear it.
    pub(super) fn drain(&self) {
        let _ = send(&self.0, DRAIN, SendFlags::NOSIGNAL | SendFlags::DONTWAIT);
    }

    /// What has come; `None`: the server's end is closed.
    pub(super) fn news(&self) -> io::Result<Option<Vec<News>>> {
        let mut found = Vec::new();
        loop {
            let mut message = [0; MAX_MESSAGE_BYTES];
            match rustix::net::recv(&self.0, &mut message[..], RecvFlags::DONTWAIT) {
                Ok((_, 0)) => return Ok((!found.is_empty()).then_some(found)),
                Ok((_, length)) => {
                    let text = String::from_utf8_lossy(&message[..length]);
                    found.extend(News::read(&text));
                }
                Err(error) if error == rustix::io::Errno::AGAIN => return Ok(Some(found)),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl AsFd for Handle {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Link {
    /// Takes over standard input, and what the launcher says first.
    pub fn take() -> io::Result<(Self, Start)> {
        let link = Self(io::stdin().as_fd().try_clone_to_owned()?);
        let mut message = [0; MAX_MESSAGE_BYTES];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_SOCKETS))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut parts = [IoSliceMut::new(&mut message)];
        let length = recvmsg(&link.0, &mut parts, &mut control, RecvFlags::CMSG_CLOEXEC)?.bytes;
        let mut handed = control.drain().flat_map(|part| match part {
            RecvAncillaryMessage::ScmRights(sockets) => sockets.collect(),
            _ => Vec::new(),
        });
        let text = String::from_utf8_lossy(&message[..length]).into_owned();
        let mut words = text.split(' ');
        let beginning = match words.next() {
            Some("first") => Beginning::First,
            Some("handover") => Beginning::Handover,
            _ => return Err(io::Error::other("standard input is no launcher")),
        };
        let mut sockets = Sockets::default();
        let mut is_on_trial = false;
        for purpose in words {
            if purpose == TRIAL {
                is_on_trial = true;
                continue;
            }
            let missing = || io::Error::other("the launcher has named a socket and not sent it");
            let socket = TcpListener::from(handed.next().ok_or_else(missing)?);
            match purpose {
                METRICS => sockets.metrics = Some(socket),
                REDIRECT => sockets.redirect.push(socket),
                _ => sockets.site.push(socket),
            }
        }
        let start = Start {
            beginning,
            is_on_trial,
            sockets,
        };
        Ok((link, start))
    }

    /// Says it, unless the launcher is gone.
    pub fn say(&self, news: &News) {
        let _ = send(&self.0, news.text().as_bytes(), SendFlags::NOSIGNAL);
    }

    /// Blocks until the server is to finish: because it was told so, or because nobody is left to
    /// tell it.
    pub fn wait_for_drain(&self) {
        loop {
            let mut message = [0; MAX_MESSAGE_BYTES];
            match rustix::net::recv(&self.0, &mut message[..], RecvFlags::empty()) {
                Ok((_, length)) if length > 0 && &message[..length] != DRAIN => {}
                Err(error) if error == rustix::io::Errno::INTR => {}
                _ => return,
            }
        }
    }
}
