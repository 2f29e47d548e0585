//! What a passkey has to show (Web Authentication, level 2): that it was made for this site, that its
//! holder was there and was recognised by the device, and that it signed the challenge it was given.
//!
//! Who vouches for a device's make is not asked, so nothing is believed about it. Pure functions; every
//! byte comes from a stranger.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minicbor::Decoder;
use minicbor::data::Type;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The signatures that are understood, in COSE's numbers, the best first.
pub const ALGORITHMS: [i64; 3] = [ES256, EDDSA, RS256];
const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;
const P256: i64 = 1;
const ED25519_CURVE: i64 = 6;

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const HAS_CREDENTIAL: u8 = 1 << 6;
const MAX_CREDENTIAL_BYTES: usize = 1023;
/// Entries of a key or of an attestation; both have a handful.
const MAX_ENTRIES: u64 = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the browser’s answer cannot be read")]
    Unreadable,
    #[error("the passkey answered to another question, or too late; try again")]
    Challenge,
    #[error("the passkey was asked from another address than the site’s own")]
    Origin,
    #[error("the passkey is for another site")]
    Site,
    #[error("the device did not check who you are; set up a screen lock or a PIN on it")]
    Unverified,
    #[error("this kind of passkey is not understood here")]
    Algorithm,
    #[error("the passkey’s signature is not right")]
    Signature,
    #[error("there may be a copy of this passkey; remove it and make a new one")]
    Copied,
}

/// The site as passkeys know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    pub id: String,
    origin: String,
}

impl Party {
    /// `None` where browsers have no passkeys: on sites without a name, and on those without
    /// encryption, except one's own machine.
    pub fn of(base_url: &str) -> Option<Self> {
        let url = url::Url::parse(base_url).ok()?;
        let host = url.domain()?;
        let is_safe = url.scheme() == "https" || host == "localhost";
        is_safe.then(|| Self {
            id: host.to_owned(),
            origin: url.origin().ascii_serialization(),
        })
    }
}

/// What the browser says of a new passkey.
#[derive(Debug, Clone, Deserialize)]
pub struct Registration {
    client_data: Bytes,
    attestation: Bytes,
}

/// What the browser says of a passkey that was used.
#[derive(Debug, Clone, Deserialize)]
pub struct Assertion {
    pub credential: Bytes,
    client_data: Bytes,
    authenticator_data: Bytes,
    signature: Bytes,
    /// What the passkey calls its holder; some say nothing.
    handle: Option<Bytes>,
}

/// Bytes as JSON carries them.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Bytes(Vec<u8>);

impl TryFrom<String> for Bytes {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        URL_SAFE_NO_PAD.decode(text).map(Self)
    }
}

impl std::ops::Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

#[derive(Deserialize)]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    is_cross_origin: bool,
}

impl ClientData {
    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        serde_json::from_slice(bytes).map_err(|_| Fault::Unreadable)
    }

    fn check(&self, kind: &str, party: &Party, challenge: &str) -> Result<(), Fault> {
        if self.r#type != kind {
            return Err(Fault::Unreadable);
        }
        if self.challenge != challenge {
            return Err(Fault::Challenge);
        }
        if self.origin != party.origin || self.is_cross_origin {
            return Err(Fault::Origin);
        }
        Ok(())
    }
}

impl Registration {
    pub fn read(json: &str) -> Result<Self, Fault> {
        serde_json::from_str(json).map_err(|_| Fault::Unreadable)
    }

    /// The challenge it claims to answer.
    pub fn challenge(&self) -> Result<String, Fault> {
        Ok(ClientData::read(&self.client_data)?.challenge)
    }
}

impl Assertion {
    pub fn read(json: &str) -> Result<Self, Fault> {
        serde_json::from_str(json).map_err(|_| Fault::Unreadable)
    }

    /// The challenge it claims to answer.
    pub fn challenge(&self) -> Result<String, Fault> {
        Ok(ClientData::read(&self.client_data)?.challenge)
    }
}

/// A key that may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    pub id: Vec<u8>,
    pub public_key: Vec<u8>,
    pub sign_count: u32,
}

/// What is known of a passkey that is used.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    pub public_key: &'a [u8],
    pub handle: &'a [u8],
    pub sign_count: u32,
}

/// The new passkey, if it answers this challenge.
pub fn registered(
    party: &Party,
    given: &Registration,
    challenge: &str,
) -> Result<Credential, Fault> {
    ClientData::read(&given.client_data)?.check("webauthn.create", party, challenge)?;
    let data = attested(&given.attestation)?;
    let (head, rest) = AuthenticatorData::read(data)?;
    head.check(party)?;
    if head.flags & HAS_CREDENTIAL == 0 {
        return Err(Fault::Unreadable);
    }
    // Sixteen bytes name the device's make.
    let rest = rest.get(16..).ok_or(Fault::Unreadable)?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or(Fault::Unreadable)?;
    let length = usize::from(u16::from_be_bytes(*length));
    if length == 0 || length > MAX_CREDENTIAL_BYTES {
        return Err(Fault::Unreadable);
    }
    let (id, key) = rest.split_at_checked(length).ok_or(Fault::Unreadable)?;
    let (_, key_length) = Key::read(key)?;
    let public_key = key.get(..key_length).ok_or(Fault::Unreadable)?;
    Ok(Credential {
        id: id.to_vec(),
        public_key: public_key.to_vec(),
        sign_count: head.sign_count,
    })
}

/// How often the passkey was used, if it has signed this challenge.
pub fn asserted(
    party: &Party,
    known: Known<'_>,
    given: &Assertion,
    challenge: &str,
) -> Result<u32, Fault> {
    ClientData::read(&given.client_data)?.check("webauthn.get", party, challenge)?;
    if given
        .handle
        .as_ref()
        .is_some_and(|handle| **handle != *known.handle)
    {
        return Err(Fault::Site);
    }
    let (head, _) = AuthenticatorData::read(&given.authenticator_data)?;
    head.check(party)?;
    let mut signed = given.authenticator_data.to_vec();
    signed.extend_from_slice(&Sha256::digest(&*given.client_data));
    let (key, _) = Key::read(known.public_key)?;
    key.verify(&signed, &given.signature)?;
    let counts = head.sign_count != 0 || known.sign_count != 0;
    if counts && head.sign_count <= known.sign_count {
        return Err(Fault::Copied);
    }
    Ok(head.sign_count)
}

#[derive(Debug)]
struct AuthenticatorData<'a> {
    site_hash: &'a [u8; 32],
    flags: u8,
    sign_count: u32,
}

impl<'a> AuthenticatorData<'a> {
    /// Its head, and what follows.
    fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Fault> {
        let (site_hash, rest) = bytes.split_first_chunk::<32>().ok_or(Fault::Unreadable)?;
        let (&flags, rest) = rest.split_first().ok_or(Fault::Unreadable)?;
        let (count, rest) = rest.split_first_chunk::<4>().ok_or(Fault::Unreadable)?;
        let head = Self {
            site_hash,
            flags,
            sign_count: u32::from_be_bytes(*count),
        };
        Ok((head, rest))
    }

    fn check(&self, party: &Party) -> Result<(), Fault> {
        if self.site_hash[..] != Sha256::digest(party.id.as_bytes())[..] {
            return Err(Fault::Site);
        }
        let needed = USER_PRESENT | USER_VERIFIED;
        if self.flags & needed != needed {
            return Err(Fault::Unverified);
        }
        Ok(())
    }
}

fn unreadable<E>(_: E) -> Fault {
    Fault::Unreadable
}

/// How many entries the map has that comes next.
fn entries(decoder: &mut Decoder<'_>) -> Result<u64, Fault> {
    let count = decoder.map().map_err(unreadable)?;
    count
        .filter(|count| *count <= MAX_ENTRIES)
        .ok_or(Fault::Unreadable)
}

/// What the device says, out of the envelope in which its maker may vouch for it.
fn attested(object: &[u8]) -> Result<&[u8], Fault> {
    let mut decoder = Decoder::new(object);
    for _ in 0..entries(&mut decoder)? {
        if decoder.str().map_err(unreadable)? == "authData" {
            return decoder.bytes().map_err(unreadable);
        }
        decoder.skip().map_err(unreadable)?;
    }
    Err(Fault::Unreadable)
}

enum Key<'a> {
    Es256 { x: &'a [u8], y: &'a [u8] },
    EdDsa { x: &'a [u8] },
    Rs256 { n: &'a [u8], e: &'a [u8] },
}

impl<'a> Key<'a> {
    /// A key as COSE writes it, and how many bytes it takes.
    fn read(bytes: &'a [u8]) -> Result<(Self, usize), Fault> {
        let mut decoder = Decoder::new(bytes);
        let (mut algorithm, mut curve) = (None, None);
        // Labels -1, -2 and -3; what they hold depends on the kind.
        let mut parts: [Option<&[u8]>; 3] = [None; 3];
        for _ in 0..entries(&mut decoder)? {
            let label = decoder.i64().map_err(unreadable)?;
            let is_bytes = decoder.datatype().map_err(unreadable)? == Type::Bytes;
            match label {
                3 => algorithm = Some(decoder.i64().map_err(unreadable)?),
                -3..=-1 if is_bytes => {
                    let index = usize::try_from(-1 - label).map_err(unreadable)?;
                    parts[index] = Some(decoder.bytes().map_err(unreadable)?);
                }
                -1 => curve = Some(decoder.i64().map_err(unreadable)?),
                _ => decoder.skip().map_err(unreadable)?,
            }
        }
        let key = match (algorithm, curve, parts) {
            (Some(ES256), Some(P256), [None, Some(x), Some(y)])
                if x.len() == 32 && y.len() == 32 =>
            {
                Self::Es256 { x, y }
            }
            (Some(EDDSA), Some(ED25519_CURVE), [None, Some(x), None]) if x.len() == 32 => {
                Self::EdDsa { x }
            }
            (Some(RS256), None, [Some(n), Some(e), None]) => Self::Rs256 { n, e },
            _ => return Err(Fault::Algorithm),
        };
        Ok((key, decoder.position()))
    }

    fn verify(&self, signed: &[u8], signature: &[u8]) -> Result<(), Fault> {
        match self {
            Self::Es256 { x, y } => {
                let point = [&[4], *x, *y].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(signed, signature)
            }
            Self::EdDsa { x } => UnparsedPublicKey::new(&ED25519, x).verify(signed, signature),
            Self::Rs256 { n, e } => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                signed,
                signature,
            ),
        }
        .map_err(|_| Fault::Signature)
    }
}

#[cfg(test)]
#[path = "webauthn/tests.rs"]
mod tests;
