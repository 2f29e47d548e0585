//! The listening sockets, open for as long as the plan wants them and whoever serves changes.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::{AsFd, BorrowedFd};

use nix::errno::Errno;

use super::link::Sockets;
use super::succession::Estate;
use super::{LaunchError, Plan};

#[derive(Debug)]
struct Bound {
    /// As it was asked for: perhaps with port 0.
    address: SocketAddr,
    socket: TcpListener,
}

impl Bound {
    fn open(address: SocketAddr) -> Result<Self, LaunchError> {
        let socket = bind(address).map_err(|source| LaunchError::Listen { address, source })?;
        Ok(Self { address, socket })
    }
}

/// Listens. Where “every address” of IPv6 is meant and there is no IPv6, on those of IPv4.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let bound = TcpListener::bind(address);
    let is_every = address.is_ipv6() && address.ip().is_unspecified();
    match bound {
        Err(error) if is_every && error.raw_os_error() == Some(Errno::EAFNOSUPPORT as i32) => {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port()))
        }
        bound => bound,
    }
}

#[derive(Debug, Default)]
pub(super) struct Listeners {
    site: Vec<Bound>,
    redirect: Vec<Bound>,
    metrics: Option<Bound>,
    /// Opened before us; the plan's addresses stand back.
    inherited: Vec<TcpListener>,
}

impl Listeners {
    pub(super) fn new(inherited: Vec<TcpListener>) -> Self {
        Self {
            inherited,
            ..Self::default()
        }
    }

    /// Those of the launcher before.
    pub(super) fn left(estate: &mut Estate) -> io::Result<Self> {
        let mut left = Self::default();
        for address in estate.will.site.clone() {
            let socket = estate.listener()?;
            left.site.push(Bound { address, socket });
        }
        for address in estate.will.redirect.clone() {
            let socket = estate.listener()?;
            left.redirect.push(Bound { address, socket });
        }
        if let Some(address) = estate.will.metrics {
            let socket = estate.listener()?;
            left.metrics = Some(Bound { address, socket });
        }
        for _ in 0..estate.will.inherited {
            left.inherited.push(estate.listener()?);
        }
        Ok(left)
    }

    /// In the order in which [`Listeners::left`] takes them.
    pub(super) fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        let own = self.site.iter().chain(&self.redirect).chain(&self.metrics);
        let own = own.map(|bound| bound.socket.as_fd());
        own.chain(self.inherited.iter().map(AsFd::as_fd)).collect()
    }

    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.site.iter().map(|bound| bound.address).collect()
    }

    pub(super) fn redirect_addresses(&self) -> Vec<SocketAddr> {
        self.redirect.iter().map(|bound| bound.address).collect()
    }

    pub(super) fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(|bound| bound.address)
    }

    pub(super) fn inherited(&self) -> usize {
        self.inherited.len()
    }

    /// Copies of the plan's sockets; what is open already stays open.
    pub(super) fn open(&mut self, plan: &Plan) -> Result<Sockets, LaunchError> {
        let inherits = !self.inherited.is_empty();
        for (open, wanted) in [
            (&mut self.site, &plan.listen),
            (&mut self.redirect, &plan.redirect),
        ] {
            for address in wanted.iter().filter(|_| !inherits) {
                if !open.iter().any(|bound| bound.address == *address) {
                    open.push(Bound::open(*address)?);
                }
            }
        }
        if let Some(address) = plan.metrics
            && self
                .metrics
                .as_ref()
                .is_none_or(|bound| bound.address != address)
        {
            self.metrics = Some(Bound::open(address)?);
        }
        let wanted = |bound: &&Bound| plan.listen.contains(&bound.address);
        let own = self.site.iter().filter(wanted).map(|bound| &bound.socket);
        let redirects = |bound: &&Bound| plan.redirect.contains(&bound.address);
        let redirect = self.redirect.iter().filter(redirects);
        let redirect = redirect.map(|bound| &bound.socket);
        let (to_redirect, to_site): (Vec<_>, Vec<_>) = self
            .inherited
            .iter()
            .partition(|socket| is_redirect(socket, plan));
        let site = own.chain(to_site).map(TcpListener::try_clone);
        let redirect = redirect.chain(to_redirect).map(TcpListener::try_clone);
        let metrics = self.metrics.as_ref().filter(|_| plan.metrics.is_some());
        Ok(Sockets {
            site: site.collect::<io::Result<_>>()?,
            redirect: redirect.collect::<io::Result<_>>()?,
            metrics: metrics.map(|bound| bound.socket.try_clone()).transpose()?,
        })
    }

    /// Closes what is no longer in the plan.
    pub(super) fn close_unused(&mut self, plan: &Plan) {
        self.site
            .retain(|bound| plan.listen.contains(&bound.address));
        self.redirect
            .retain(|bound| plan.redirect.contains(&bound.address));
        self.metrics = self.metrics.take().filter(|_| plan.metrics.is_some());
    }

    pub(super) fn close(&mut self) {
        *self = Self::default();
    }

    /// Tells whoever started us where the site is: with the numbers the system chose for port 0.
    pub(super) fn announce(&self, plan: &Plan) {
        let scheme = if plan.is_encrypted { "https" } else { "http" };
        let own = self.site.iter().map(|bound| &bound.socket);
        let inherited = self.inherited.iter();
        let inherited = inherited.filter(|socket| !is_redirect(socket, plan));
        for address in own.chain(inherited).filter_map(place) {
            println!("Inkstand is at {scheme}://{address}/");
        }
        for address in self
            .redirect
            .iter()
            .filter_map(|bound| place(&bound.socket))
        {
            println!("Visitors are sent on from http://{address}/");
        }
        if let Some(address) = self.metrics.as_ref().and_then(|bound| place(&bound.socket)) {
            println!("Metrics are at http://{address}/metrics");
        }
    }
}

/// A socket opened before us is for those in clear when it has the port they come to.
fn is_redirect(socket: &TcpListener, plan: &Plan) -> bool {
    let port = place(socket).map(|address| address.port());
    plan.redirect
        .iter()
        .any(|address| Some(address.port()) == port)
}

fn place(socket: &TcpListener) -> Option<SocketAddr> {
    socket.local_addr().ok()
}
