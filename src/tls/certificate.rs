//! A certificate with its key: read from PEM, looked into, or made by ourselves.

use std::sync::Arc;

use instant_acme::CertificateIdentifier;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::domain::host::Host;
use crate::domain::time::Timestamp;

const SELF_SIGNED_DAYS: i64 = 397;
const DAY_SECONDS: i64 = 24 * 3600;
/// Clocks differ: what we sign ourselves is valid a little earlier.
const BACKDATE_SECONDS: i64 = 3600;

#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error("there is no certificate in PEM form")]
    NoCertificate,
    #[error("there is no private key in PEM form")]
    NoKey,
    #[error("the private key is of a kind that is not supported; use ECDSA P-256")]
    KeyKind,
    #[error("the private key does not belong to the certificate")]
    KeyOfAnother,
    #[error("the certificate cannot be read: {0}")]
    Damaged(String),
    #[error("a key or certificate cannot be made: {0}")]
    Make(#[from] rcgen::Error),
}

/// Ready to be served.
#[derive(Debug, Clone)]
pub(super) struct Certificate {
    pub(super) facts: Facts,
    pub(super) key: Arc<CertifiedKey>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    /// Lower case; the first label may be `*`.
    pub(super) names: Vec<String>,
    pub(super) issuer: String,
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
    pub(super) is_self_signed: bool,
    /// What ACME calls it when asked about its renewal.
    pub(super) renewal_id: Option<String>,
}

impl Facts {
    pub(super) fn is_for(&self, host: &Host) -> bool {
        let wanted = host.to_string();
        self.names.contains(&wanted)
    }
}

impl Facts {
    /// As browsers see it: a `*` stands for one label.
    pub(super) fn is_shown_for(&self, host: &Host) -> bool {
        let wanted = host.to_string();
        let above = wanted
            .split_once('.')
            .map(|(_, above)| format!("*.{above}"));
        self.is_for(host) || above.is_some_and(|above| self.names.contains(&above))
    }
}

impl Certificate {
    pub(super) fn from_pem(chain: &str, key: &str) -> Result<Self, CertificateError> {
        let damaged = |error: &dyn std::fmt::Display| CertificateError::Damaged(error.to_string());
        let chain = CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| damaged(&error))?;
        let leaf = chain.first().ok_or(CertificateError::NoCertificate)?;
        let facts = facts(leaf)?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes());
        let key = key.map_err(|_| CertificateError::NoKey)?;
        let key = any_supported_type(&key).map_err(|_| CertificateError::KeyKind)?;
        let certified = CertifiedKey::new(chain, key);
        match certified.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {}
            Err(_) => return Err(CertificateError::KeyOfAnother),
        }
        Ok(Self {
            facts,
            key: Arc::new(certified),
        })
    }

    /// What is shown while there is nothing better. Browsers warn of it.
    pub(super) fn self_signed(hosts: &[Host], now: Timestamp) -> Result<Self, CertificateError> {
        let names: Vec<String> = hosts.iter().map(Host::to_string).collect();
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name = DistinguishedName::new();
        let words = "Inkstand, until a certificate is there";
        params.distinguished_name.push(DnType::CommonName, words);
        params.not_before = moment(now.plus_seconds(-BACKDATE_SECONDS))?;
        params.not_after = moment(now.plus_seconds(SELF_SIGNED_DAYS * DAY_SECONDS))?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let made = params.self_signed(&key)?;
        Self::from_pem(&made.pem(), &key.serialize_pem())
    }

    /// What an issuer is shown that asks over TLS. It bears a mark that visitors could not make sense of,
    /// nor can the check whether key and certificate belong together.
    pub(super) fn of_challenge(
        host: &Host,
        digest: &[u8],
    ) -> Result<Arc<CertifiedKey>, CertificateError> {
        let mut params = CertificateParams::new(vec![host.to_string()])?;
        params.distinguished_name = DistinguishedName::new();
        let answer = rcgen::CustomExtension::new_acme_identifier(digest);
        params.custom_extensions.push(answer);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let made = params.self_signed(&key)?;
        let key = PrivateKeyDer::try_from(key.serialize_der());
        let key = key.map_err(|_| CertificateError::NoKey)?;
        let key = any_supported_type(&key).map_err(|_| CertificateError::KeyKind)?;
        Ok(Arc::new(CertifiedKey::new(vec![made.der().clone()], key)))
    }
}

fn moment(at: Timestamp) -> Result<time::OffsetDateTime, CertificateError> {
    let moment = time::OffsetDateTime::from_unix_timestamp(at.as_seconds());
    moment.map_err(|error| CertificateError::Damaged(error.to_string()))
}

fn facts(leaf: &CertificateDer<'_>) -> Result<Facts, CertificateError> {
    let damaged = |error: &dyn std::fmt::Display| CertificateError::Damaged(error.to_string());
    let (_, parsed) = X509Certificate::from_der(leaf).map_err(|error| damaged(&error))?;
    let alternatives = parsed.subject_alternative_name().ok().flatten();
    let alternatives = alternatives
        .iter()
        .flat_map(|found| &found.value.general_names);
    let names = alternatives.filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => address(bytes),
        _ => None,
    });
    let second = |time: x509_parser::time::ASN1Time| {
        Timestamp::from_micros(time.timestamp().saturating_mul(1_000_000))
    };
    Ok(Facts {
        names: names.collect(),
        issuer: common_name(parsed.issuer()),
        not_before: second(parsed.validity().not_before),
        not_after: second(parsed.validity().not_after),
        is_self_signed: parsed.issuer() == parsed.subject(),
        renewal_id: CertificateIdentifier::try_from(leaf)
            .ok()
            .map(|id| id.to_string()),
    })
}

fn common_name(name: &x509_parser::x509::X509Name<'_>) -> String {
    let common = name
        .iter_common_name()
        .next()
        .and_then(|name| name.as_str().ok());
    common.map_or_else(|| name.to_string(), str::to_owned)
}

fn address(bytes: &[u8]) -> Option<String> {
    let v4 = <[u8; 4]>::try_from(bytes).map(|octets| std::net::IpAddr::from(octets).to_string());
    let v6 =
        || <[u8; 16]>::try_from(bytes).map(|octets| std::net::IpAddr::from(octets).to_string());
    v4.or_else(|_| v6()).ok()
}

/// The name at the top of a chain: which of several chains it is.
pub(super) fn top_issuer(chain: &str) -> Option<String> {
    let last = CertificateDer::pem_slice_iter(chain.as_bytes())
        .last()?
        .ok()?;
    let (_, parsed) = X509Certificate::from_der(&last).ok()?;
    Some(common_name(parsed.issuer()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_says_what_it_is_for_and_until_when() {
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        let hosts =
            ["blog.example.org", "192.0.2.7", "2001:db8::1"].map(|text| Host::parse(text).unwrap());
        let made = Certificate::self_signed(&hosts, now).unwrap();
        assert!(hosts.iter().all(|host| made.facts.is_for(host)));
        assert!(!made.facts.is_for(&Host::parse("example.org").unwrap()));
        assert!(made.facts.is_self_signed);
        assert_eq!(
            made.facts.not_after,
            now.plus_seconds(SELF_SIGNED_DAYS * DAY_SECONDS)
        );
    }

    #[test]
    fn an_issuer_can_be_answered_for_names_and_addresses() {
        for host in ["a.test", "192.0.2.7", "2001:db8::1"] {
            let host = Host::parse(host).unwrap();
            assert!(Certificate::of_challenge(&host, &[7; 32]).is_ok());
        }
    }

    #[test]
    fn foreign_keys_and_rubbish_are_refused() {
        let host = [Host::parse("a.example").unwrap()];
        let pem = |host: &[Host]| {
            let params = CertificateParams::new(vec![host[0].to_string()]).unwrap();
            let key = KeyPair::generate().unwrap();
            (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
        };
        let (one, other) = (pem(&host), pem(&host));
        assert!(Certificate::from_pem(&one.0, &one.1).is_ok());
        let wrong = Certificate::from_pem(&one.0, &other.1);
        assert!(
            matches!(wrong, Err(CertificateError::KeyOfAnother)),
            "{wrong:?}"
        );
        assert!(matches!(
            Certificate::from_pem("", &one.1),
            Err(CertificateError::NoCertificate)
        ));
        assert!(matches!(
            Certificate::from_pem(&one.0, "x"),
            Err(CertificateError::NoKey)
        ));
    }
}
