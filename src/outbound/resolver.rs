//! Looks names up, and hands on only addresses we may go to. The client connects to what it is handed and
//! looks nothing up again, so a name cannot lead elsewhere between the look and the connection.

use std::net::IpAddr;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::reach::{Kind, Reach};

/// Every address of the name is one we do not go to; this is the first.
#[derive(Debug, thiserror::Error)]
#[error("{address} is {kind}")]
pub(super) struct Refused {
    pub(super) address: IpAddr,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) struct CheckedResolver {
    reach: Reach,
    system: DefaultResolver,
}

impl CheckedResolver {
    pub(super) fn new(reach: Reach) -> Self {
        Self {
            reach,
            system: DefaultResolver::default(),
        }
    }
}

impl Resolver for CheckedResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = match self.system.resolve(uri, config, timeout) {
            // The system says the same of a name nobody has and of a server of names that is out of reach.
            Err(ureq::Error::Io(_)) => return Err(ureq::Error::HostNotFound),
            found => found?,
        };
        let mut open = self.empty();
        let mut first_refused = None;
        for address in &found {
            match self.reach.refuse(address.ip()) {
                None => open.push(*address),
                Some(kind) => {
                    first_refused.get_or_insert(Refused {
                        address: address.ip(),
                        kind,
                    });
                }
            }
        }
        match first_refused {
            Some(refused) if open.is_empty() => Err(ureq::Error::Other(Box::new(refused))),
            _ => Ok(open),
        }
    }
}
