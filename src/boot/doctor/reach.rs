//! The site, asked from outside as far as one machine can: by its public name, with everything a browser
//! checks of its certificate.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use crate::config::Config;

use super::super::probe;
use super::{Said, Scene, failure, note, ok, warning};

const ASKING: Duration = Duration::from_secs(8);
const PATH: &str = "/livez";
/// What a site of ours answers there.
const ALIVE: &str = "alive";
/// Enough to see that it is something else.
const MAX_ANSWER_BYTES: u64 = 4096;

pub(super) fn look(scene: &Scene) -> Vec<Said> {
    if !scene.is_running() {
        return vec![note("Nothing runs here now, so it was not tried")];
    }
    let url = format!("{}{PATH}", scene.config.base_url());
    let said = match fetch(&scene.config, &url) {
        Ok(Reached::Inkstand) => ok(format!("{url} answers")),
        Ok(Reached::Other(answer)) => failure(
            format!("{url} is answered by something else: {answer}"),
            "The name leads to another server, or a proxy in front does not pass requests on to this one: see \
             its configuration, and “dns” here",
        ),
        Ok(Reached::Nothing(why)) | Err(Trouble::Way(why)) => warning(
            format!("{url} cannot be fetched from here: {why}"),
            "Try it from elsewhere, a phone without Wi-Fi: if it fails there, too, let ports 80 and 443 through \
             firewall and router; if not, your router only does not lead back in",
        ),
        Err(Trouble::Certificate(why)) => failure(
            format!("{url} shows a certificate that browsers do not believe: {why}"),
            "See “certificates” here; behind a proxy, see to the proxy's",
        ),
        Err(Trouble::Setting(why)) => failure(why, "Correct tls.issuer_root"),
    };
    vec![said]
}

/// Who answers.
#[derive(Debug)]
pub(super) enum Reached {
    Inkstand,
    Other(String),
    Nothing(String),
}

enum Trouble {
    Certificate(String),
    Way(String),
    Setting(String),
}

fn fetch(config: &Config, url: &str) -> Result<Reached, Trouble> {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(ASKING))
        // The site itself, not what a proxy for going out makes of it.
        .proxy(None)
        .user_agent(format!("inkstand/{} doctor", crate::domain::VERSION))
        .tls_config(trust(config)?)
        .build();
    let answer = ureq::Agent::from(agent).get(url).call();
    let mut answer = answer.map_err(|error| match error {
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Trouble::Certificate(error.to_string()),
        ureq::Error::Io(error) if is_of_certificate(&error) => {
            Trouble::Certificate(error.to_string())
        }
        error => Trouble::Way(error.to_string()),
    })?;
    let status = answer.status();
    let body = answer
        .body_mut()
        .with_config()
        .limit(MAX_ANSWER_BYTES)
        .read_to_string();
    let body = body.unwrap_or_default();
    Ok(if status.is_success() && body.trim() == ALIVE {
        Reached::Inkstand
    } else {
        Reached::Other(status.to_string())
    })
}

/// A failed handshake comes wrapped into an error of reading.
fn is_of_certificate(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidData || error.to_string().contains("certificate")
}

/// As browsers do; and the issuer inside a network, where one is configured.
fn trust(config: &Config) -> Result<TlsConfig, Trouble> {
    let Some(path) = &config.tls.issuer_root else {
        return Ok(TlsConfig::default());
    };
    let shown = path.display();
    let unusable =
        |why: &dyn std::fmt::Display| Trouble::Setting(format!("{shown} cannot be used: {why}"));
    let text = std::fs::read(path).map_err(|error| unusable(&error))?;
    let mut roots = Vec::new();
    for item in parse_pem(&text) {
        if let PemItem::Certificate(root) = item.map_err(|error| unusable(&error))? {
            roots.push(root);
        }
    }
    let roots = RootCerts::Specific(Arc::new(roots));
    Ok(TlsConfig::builder().root_certs(roots).build())
}

/// Who answers at one of the listening addresses, whatever certificate is shown there.
pub(super) fn at(config: &Config, address: SocketAddr, longest: Duration) -> Reached {
    let mut address = address;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let request = format!("GET {PATH} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let asked = if config.tls.is_on() {
        probe::ask_encrypted(config, address, &request, longest)
    } else {
        probe::ask_plainly(address, &request, longest)
    };
    match asked {
        Ok(answer) if answer.trim_end().ends_with(ALIVE) => Reached::Inkstand,
        Ok(answer) => {
            let first = answer.lines().next().unwrap_or_default();
            Reached::Other(format!("“{first}”"))
        }
        Err(error) => Reached::Nothing(error.to_string()),
    }
}
