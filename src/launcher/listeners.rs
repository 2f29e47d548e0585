//! The listening sockets, open for as long as the plan wants them and whoever serves changes.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, BorrowedFd};

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
        let socket = TcpListener::bind(address);
        let socket = socket.map_err(|source| LaunchError::Listen { address, source })?;
        Ok(Self { address, socket })
    }
}

#[derive(Debug, Default)]
pub(super) struct Listeners {
    site: Vec<Bound>,
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
        let own = self.site.iter().chain(&self.metrics);
        let own = own.map(|bound| bound.socket.as_fd());
        own.chain(self.inherited.iter().map(AsFd::as_fd)).collect()
    }

    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.site.iter().map(|bound| bound.address).collect()
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
        for address in plan.listen.iter().filter(|_| !inherits) {
            if !self.site.iter().any(|bound| bound.address == *address) {
                self.site.push(Bound::open(*address)?);
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
        let site = own.chain(&self.inherited).map(TcpListener::try_clone);
        let metrics = self.metrics.as_ref().filter(|_| plan.metrics.is_some());
        Ok(Sockets {
            site: site.collect::<io::Result<_>>()?,
            metrics: metrics.map(|bound| bound.socket.try_clone()).transpose()?,
        })
    }

    /// Closes what is no longer in the plan.
    pub(super) fn close_unused(&mut self, plan: &Plan) {
        self.site
            .retain(|bound| plan.listen.contains(&bound.address));
        self.metrics = self.metrics.take().filter(|_| plan.metrics.is_some());
    }

    pub(super) fn close(&mut self) {
        *self = Self::default();
    }

    /// Tells whoever started us where the site is: with the numbers the system chose for port 0.
    pub(super) fn announce(&self) {
        let own = self.site.iter().map(|bound| &bound.socket);
        for address in own.chain(&self.inherited).filter_map(place) {
            println!("Inkstand is at http://{address}/");
        }
        if let Some(address) = self.metrics.as_ref().and_then(|bound| place(&bound.socket)) {
            println!("Metrics are at http://{address}/metrics");
        }
    }
}

fn place(socket: &TcpListener) -> Option<SocketAddr> {
    socket.local_addr().ok()
}
