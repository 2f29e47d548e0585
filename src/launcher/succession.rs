//! The launcher's own update: another program takes its place in the same process, with the same sockets
//! and the same server. What it leaves travels through a pair of sockets that becomes the standard input
//! of the new program, which reads it before anything else.

use std::ffi::{CString, OsString};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use nix::unistd::{dup2_stdin, execv};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use serde::{Deserialize, Serialize};

const MAX_SOCKETS: usize = 64;
const MAX_MESSAGE_BYTES: usize = 32 * 1024;

/// What is told; the descriptors come along in the order of the fields.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Will {
    pub(super) site: Vec<SocketAddr>,
    /// Launchers from before there was one leave none.
    #[serde(default)]
    pub(super) redirect: Vec<SocketAddr>,
    pub(super) metrics: Option<SocketAddr>,
    pub(super) inherited: usize,
    pub(super) server: ServerLeft,
    pub(super) has_control: bool,
    pub(super) handovers: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ServerLeft {
    pub(super) pid: i32,
    pub(super) version: String,
    pub(super) has_words: bool,
}

/// Everything there is to take over.
#[derive(Debug)]
pub(super) struct Estate {
    pub(super) will: Will,
    descriptors: std::vec::IntoIter<OwnedFd>,
}

impl Estate {
    /// What the launcher before has left at the standard input.
    pub(super) fn take() -> io::Result<Self> {
        let socket = io::stdin().as_fd().try_clone_to_owned()?;
        let mut message = vec![0; MAX_MESSAGE_BYTES];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_SOCKETS))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut parts = [IoSliceMut::new(&mut message)];
        let length = recvmsg(&socket, &mut parts, &mut control, RecvFlags::CMSG_CLOEXEC)?.bytes;
        let descriptors = control.drain().flat_map(|part| match part {
            RecvAncillaryMessage::ScmRights(sockets) => sockets.collect(),
            _ => Vec::new(),
        });
        let descriptors: Vec<OwnedFd> = descriptors.collect();
        Ok(Self {
            will: serde_json::from_slice(&message[..length])?,
            descriptors: descriptors.into_iter(),
        })
    }

    pub(super) fn descriptor(&mut self) -> io::Result<OwnedFd> {
        let missing = || io::Error::other("the launcher before has left less than it says");
        self.descriptors.next().ok_or_else(missing)
    }

    pub(super) fn listener(&mut self) -> io::Result<TcpListener> {
        self.descriptor().map(TcpListener::from)
    }
}

/// Puts the program in the place of this one. Comes back only when that was not possible.
pub(super) fn pass_on(
    will: &Will,
    descriptors: &[BorrowedFd<'_>],
    program: &Path,
    arguments: &[OsString],
) -> io::Error {
    let passed = || -> io::Result<()> {
        let text = |text: &std::ffi::OsStr| CString::new(text.as_bytes());
        let path = text(program.as_os_str())?;
        let words = arguments.iter().map(|word| text(word));
        let words = std::iter::once(Ok(path.clone())).chain(words);
        let words = words.collect::<Result<Vec<_>, _>>()?;
        let kind = SocketType::SEQPACKET;
        let (ours, theirs) = socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None)?;
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_SOCKETS))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
            return Err(io::Error::other("too many sockets to hand on"));
        }
        let message = serde_json::to_vec(will)?;
        sendmsg(
            &ours,
            &[IoSlice::new(&message)],
            &mut control,
            SendFlags::NOSIGNAL,
        )?;
        dup2_stdin(&theirs)?;
        // Blocked signals stay blocked, so none is lost on the way.
        execv(&path, &words)?;
        Ok(())
    };
    passed()
        .err()
        .unwrap_or_else(|| io::Error::other("it came back"))
}
