//! The site's names: whether name servers know them, and whether they lead here.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _, UdpSocket};

use crate::boot::encryption;
use crate::domain::host::Host;

use super::{Said, Scene, failure, note, ok, warning};

/// Names that never leave the machine.
const OF_THE_MACHINE: [&str; 2] = ["localhost", ".localhost"];

pub(super) fn look(scene: &Scene) -> Vec<Said> {
    let config = &scene.config;
    let main = encryption::first_host(config);
    let mut hosts: Vec<Host> = main.into_iter().collect();
    for host in &config.tls.domains {
        if !hosts.contains(host) {
            hosts.push(host.clone());
        }
    }
    let hears_ipv6 = config.listen.iter().any(SocketAddr::is_ipv6);
    let said = hosts.iter().map(|host| match host {
        Host::Address(address) => {
            note(format!("The site is known by the address {address}; no name is asked for"))
        }
        Host::Name(name) if OF_THE_MACHINE.iter().any(|end| name.ends_with(end)) => note(format!(
            "{name} is this machine alone; readers elsewhere need a name, set with site.url or tls.domains"
        )),
        Host::Name(name) => of_name(name, hears_ipv6),
    });
    said.collect()
}

fn of_name(name: &str, hears_ipv6: bool) -> Said {
    let found = match (name, 443).to_socket_addrs() {
        Ok(found) => found.map(|address| address.ip()).collect::<Vec<_>>(),
        Err(error) => {
            return failure(
                format!("{name} is not known: {error}"),
                format!(
                    "Make an A record for {name} (and an AAAA one for IPv6) where your domain is registered, with \
                     this machine's public address; if it is there, see that this machine's name servers \
                     answer (/etc/resolv.conf)"
                ),
            );
        }
    };
    judge(name, &found, hears_ipv6, is_of_this_machine)
}

fn judge(name: &str, found: &[IpAddr], hears_ipv6: bool, is_ours: impl Fn(IpAddr) -> bool) -> Said {
    let mut all: Vec<String> = found.iter().map(ToString::to_string).collect();
    all.dedup();
    let leads = format!("{name} leads to {}", all.join(", "));
    if let Some(own) = found.iter().find(|address| address.is_loopback()) {
        return failure(
            format!("{leads}: {own} means every machine itself, so readers do not come here"),
            format!(
                "See /etc/hosts on this machine, and the records of {name} where your domain is registered"
            ),
        );
    }
    let (six, four): (Vec<IpAddr>, Vec<IpAddr>) =
        found.iter().partition(|address| address.is_ipv6());
    if !six.is_empty() && !hears_ipv6 {
        return warning(
            format!("{leads}, and the site does not listen on IPv6"),
            "Listen at [::] as well, or remove the AAAA record: those who come over IPv6 find nobody",
        );
    }
    let elsewhere =
        |addresses: &[IpAddr]| !addresses.is_empty() && !addresses.iter().any(|at| is_ours(*at));
    match (elsewhere(&four), elsewhere(&six)) {
        (false, false) => ok(format!("{leads}, which is this machine")),
        (false, true) if !four.is_empty() => warning(
            format!("{leads}: over IPv4 that is this machine, over IPv6 it is not"),
            "Correct the AAAA record, or remove it: readers and certificate issuers try it first",
        ),
        _ => note(format!(
            "{leads}, no address of this machine: right behind a router, a proxy or in a container; \
             “reachability” tells whether the way leads here"
        )),
    }
}

/// Only to its own addresses can a machine bind.
fn is_of_this_machine(address: IpAddr) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn names_are_judged_by_where_they_lead() {
        let ours: IpAddr = "192.0.2.1".parse().unwrap();
        let our_six: IpAddr = "2001:db8::1".parse().unwrap();
        let theirs: IpAddr = "198.51.100.7".parse().unwrap();
        let their_six: IpAddr = "2001:db8:ffff::7".parse().unwrap();
        let is_ours = |address: IpAddr| address == ours || address == our_six;
        let state =
            |found: &[IpAddr], hears_ipv6: bool| judge("x", found, hears_ipv6, is_ours).state;
        assert_eq!(state(&[ours], false), State::Ok);
        assert_eq!(state(&[ours, our_six], true), State::Ok);
        assert_eq!(state(&[ours, our_six], false), State::Warning);
        assert_eq!(state(&[ours, their_six], true), State::Warning);
        assert_eq!(state(&[theirs], true), State::Note);
        assert_eq!(state(&["127.0.0.1".parse().unwrap()], true), State::Failure);
    }

    #[test]
    fn the_machine_knows_its_own_addresses() {
        assert!(is_of_this_machine("127.0.0.1".parse().unwrap()));
        assert!(!is_of_this_machine("192.0.2.1".parse().unwrap()));
    }
}
