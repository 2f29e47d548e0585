//! Passkeys as devices answer, and as those do who are none.

use minicbor::Encoder;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};

use super::*;

const BASE_URL: &str = "https://blog.example:8443";
const CHALLENGE: &str = "a-question";
const HANDLE: &[u8] = b"holder";
const ALL_IS_WELL: u8 = USER_PRESENT | USER_VERIFIED;
const RSA_KEY: &[u8] = include_bytes!("../../../tests/fixtures/keys/rsa.pk8");

/// A device with a key of one kind.
enum Device {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

impl Device {
    fn all() -> [Self; 3] {
        let chance = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let key = EcdsaKeyPair::generate_pkcs8(algorithm, &chance).unwrap();
        let es256 = EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &chance).unwrap();
        let key = Ed25519KeyPair::generate_pkcs8(&chance).unwrap();
        let eddsa = Ed25519KeyPair::from_pkcs8(key.as_ref()).unwrap();
        let rs256 = RsaKeyPair::from_pkcs8(RSA_KEY).unwrap();
        [Self::Es256(es256), Self::EdDsa(eddsa), Self::Rs256(rs256)]
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let chance = SystemRandom::new();
        match self {
            Self::Es256(key) => key.sign(&chance, message).unwrap().as_ref().to_vec(),
            Self::EdDsa(key) => key.sign(message).as_ref().to_vec(),
            Self::Rs256(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &chance, message, &mut signature)
                    .unwrap();
                signature
            }
        }
    }

    /// The public half, as COSE writes it.
    fn public_key(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out);
        let ints = |encoder: &mut Encoder<&mut Vec<u8>>, pairs: &[(i64, i64)]| {
            for (label, value) in pairs {
                encoder.i64(*label).unwrap().i64(*value).unwrap();
            }
        };
        match self {
            Self::Es256(key) => {
                encoder.map(5).unwrap();
                ints(&mut encoder, &[(1, 2), (3, ES256), (-1, P256)]);
                let point = key.public_key().as_ref();
                encoder.i64(-2).unwrap().bytes(&point[1..33]).unwrap();
                encoder.i64(-3).unwrap().bytes(&point[33..]).unwrap();
            }
            Self::EdDsa(key) => {
                encoder.map(4).unwrap();
                ints(&mut encoder, &[(1, 1), (3, EDDSA), (-1, ED25519_CURVE)]);
                encoder
                    .i64(-2)
                    .unwrap()
                    .bytes(key.public_key().as_ref())
                    .unwrap();
            }
            Self::Rs256(key) => {
                encoder.map(4).unwrap();
                ints(&mut encoder, &[(1, 3), (3, RS256)]);
                let parts: RsaPublicKeyComponents<Vec<u8>> = key.public().into();
                encoder.i64(-1).unwrap().bytes(&parts.n).unwrap();
                encoder.i64(-2).unwrap().bytes(&parts.e).unwrap();
            }
        }
        out
    }
}

fn party() -> Party {
    Party::of(BASE_URL).unwrap()
}

fn client_data(kind: &str, challenge: &str, origin: &str) -> Bytes {
    let json = serde_json::json!({
        "type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false,
    });
    Bytes(json.to_string().into_bytes())
}

fn head(site: &str, flags: u8, count: u32) -> Vec<u8> {
    let mut data = Sha256::digest(site.as_bytes()).to_vec();
    data.push(flags);
    data.extend(count.to_be_bytes());
    data
}

fn registration(device: &Device, site: &str, flags: u8) -> Registration {
    let mut data = head(site, flags | HAS_CREDENTIAL, 3);
    data.extend([0; 16]);
    data.extend([0, 4]);
    data.extend(b"name");
    data.extend(device.public_key());
    let mut attestation = Vec::new();
    let mut encoder = Encoder::new(&mut attestation);
    encoder
        .map(3)
        .unwrap()
        .str("fmt")
        .unwrap()
        .str("none")
        .unwrap();
    encoder.str("attStmt").unwrap().map(0).unwrap();
    encoder.str("authData").unwrap().bytes(&data).unwrap();
    Registration {
        client_data: client_data("webauthn.create", CHALLENGE, BASE_URL),
        attestation: Bytes(attestation),
    }
}

fn assertion(device: &Device, site: &str, flags: u8, count: u32) -> Assertion {
    let client_data = client_data("webauthn.get", CHALLENGE, BASE_URL);
    let data = head(site, flags, count);
    let signed = [&data[..], &Sha256::digest(&*client_data)].concat();
    Assertion {
        credential: Bytes(b"name".to_vec()),
        signature: Bytes(device.sign(&signed)),
        authenticator_data: Bytes(data),
        client_data,
        handle: Some(Bytes(HANDLE.to_vec())),
    }
}

fn known(key: &[u8], sign_count: u32) -> Known<'_> {
    Known {
        public_key: key,
        handle: HANDLE,
        sign_count,
    }
}

#[test]
fn every_kind_of_key_is_taken_and_recognised() {
    for device in Device::all() {
        let made = registration(&device, "blog.example", ALL_IS_WELL);
        let kept = registered(&party(), &made, CHALLENGE).unwrap();
        assert_eq!((&*kept.id, kept.sign_count), (&b"name"[..], 3));
        let used = assertion(&device, "blog.example", ALL_IS_WELL, 4);
        let known = known(&kept.public_key, kept.sign_count);
        assert_eq!(asserted(&party(), known, &used, CHALLENGE), Ok(4));
    }
}

#[test]
fn whatever_is_not_as_asked_is_refused() {
    let [device, other, _] = Device::all();
    let site = "blog.example";
    let make = |site, flags| registered(&party(), &registration(&device, site, flags), CHALLENGE);
    assert_eq!(make("evil.example", ALL_IS_WELL), Err(Fault::Site));
    assert_eq!(make(site, USER_PRESENT), Err(Fault::Unverified));
    let made = registration(&device, site, ALL_IS_WELL);
    assert_eq!(
        registered(&party(), &made, "another"),
        Err(Fault::Challenge)
    );

    let key = device.public_key();
    let check = |given: &Assertion| asserted(&party(), known(&key, 0), given, CHALLENGE);
    let good = || assertion(&device, site, ALL_IS_WELL, 0);
    assert_eq!(check(&good()), Ok(0), "some devices do not count");
    assert_eq!(
        check(&assertion(&device, "evil.example", ALL_IS_WELL, 0)),
        Err(Fault::Site)
    );
    assert_eq!(
        check(&assertion(&device, site, USER_VERIFIED, 0)),
        Err(Fault::Unverified)
    );
    assert_eq!(
        check(&assertion(&other, site, ALL_IS_WELL, 0)),
        Err(Fault::Signature)
    );
    for (kind, challenge, origin, fault) in [
        ("webauthn.create", CHALLENGE, BASE_URL, Fault::Unreadable),
        ("webauthn.get", "another", BASE_URL, Fault::Challenge),
        (
            "webauthn.get",
            CHALLENGE,
            "https://blog.example",
            Fault::Origin,
        ),
        (
            "webauthn.get",
            CHALLENGE,
            "https://evil.example",
            Fault::Origin,
        ),
    ] {
        let given = Assertion {
            client_data: client_data(kind, challenge, origin),
            ..good()
        };
        assert_eq!(check(&given), Err(fault));
    }
    let given = Assertion {
        handle: Some(Bytes(b"somebody else".to_vec())),
        ..good()
    };
    assert_eq!(check(&given), Err(Fault::Site));
    // One that counted further before was copied.
    let given = assertion(&device, site, ALL_IS_WELL, 7);
    let outcome = |count| asserted(&party(), known(&key, count), &given, CHALLENGE);
    assert_eq!(
        (outcome(6), outcome(7), outcome(8)),
        (Ok(7), Err(Fault::Copied), Err(Fault::Copied))
    );
}

#[test]
fn passkeys_need_a_name_and_a_safe_way() {
    for (url, id) in [
        ("https://blog.example", Some("blog.example")),
        ("http://localhost:8080", Some("localhost")),
        ("http://blog.example", None),
        ("https://192.0.2.1", None),
        ("http://127.0.0.1:8080", None),
        ("https://[::1]", None),
    ] {
        assert_eq!(Party::of(url).map(|party| party.id).as_deref(), id, "{url}");
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_do_harm(bytes: Vec<u8>, cut in 0_usize..150) {
        let [device, ..] = Device::all();
        let _ = Key::read(&bytes);
        let _ = attested(&bytes);
        let mut made = registration(&device, "blog.example", ALL_IS_WELL);
        made.attestation.0.truncate(cut);
        proptest::prop_assert!(registered(&party(), &made, CHALLENGE).is_err());
        let end = made.attestation.0.len();
        made.attestation.0.splice(end.min(60)..end, bytes.iter().copied());
        let _ = registered(&party(), &made, CHALLENGE);
        let used = Assertion {
            authenticator_data: Bytes(bytes.clone()),
            ..assertion(&device, "blog.example", ALL_IS_WELL, 0)
        };
        proptest::prop_assert!(asserted(&party(), known(&bytes, 0), &used, CHALLENGE).is_err());
    }
}
