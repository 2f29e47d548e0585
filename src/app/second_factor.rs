//! Codes that change every half minute (TOTP, RFC 6238) as a second proof, and recovery codes for the
//! day the device is gone.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac;

use crate::db::WriteTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::UserId;
use crate::domain::second_factor::SecondFactor;
use crate::domain::time::Timestamp;
use crate::store;

use super::{App, Error, accounts, require, secrets};

/// As long as what SHA-1 gives, which the standard asks for and every app understands.
const SECRET_BYTES: usize = 20;
const STEP_SECONDS: i64 = 30;
const CODE_LIMIT: u32 = 1_000_000;
/// Clocks that go half a minute wrong are forgiven.
const STEPS_AROUND: u64 = 1;
const RECOVERY_CODES: usize = 10;
const RECOVERY_BYTES: usize = 10;
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// What there is of somebody's second factor.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing {
    pub is_on: bool,
    pub recovery_codes: u64,
}

pub fn standing(app: &App, user: UserId) -> Result<Standing, Error> {
    app.db.read(|tx| {
        let factor = store::second_factors::of_user(tx, user)?;
        Ok(Standing {
            is_on: factor.is_some_and(|factor| factor.confirmed_at.is_some()),
            recovery_codes: store::second_factors::codes_left(tx, user)?,
        })
    })
}

/// The secret for the actor's app, in the letters such apps read. Asked again before it is
/// confirmed, it is the same one.
pub fn begin(app: &App, actor: &Actor) -> Result<String, Error> {
    require(actor, Act::ManageSelf)?;
    let user = actor.user().ok_or(Error::Forbidden)?;
    let begun = app.db.read(|tx| store::second_factors::of_user(tx, user))?;
    if let Some(factor) = begun {
        return match factor.confirmed_at {
            None => Ok(base32(&factor.secret)),
            Some(_) => Err(Error::Conflict(
                "codes are asked for already; turn that off first".to_owned(),
            )),
        };
    }
    let secret = secrets::random::<SECRET_BYTES>()?.to_vec();
    let letters = base32(&secret);
    app.db.write(|tx| {
        tx.quiet("nothing is asked for before a code has shown that it works");
        let factor = SecondFactor {
            user,
            secret,
            confirmed_at: None,
            last_step: 0,
        };
        Ok::<_, Error>(store::second_factors::put(tx, &factor)?)
    })?;
    Ok(letters)
}

/// From now on codes are asked for, if this is one; gives the recovery codes.
pub fn confirm(app: &App, actor: &Actor, code: &str) -> Result<Vec<String>, Error> {
    require(actor, Act::ManageSelf)?;
    let user = actor.user().ok_or(Error::Forbidden)?;
    let codes = new_codes()?;
    app.db.write(|tx| {
        let factor = store::second_factors::of_user(tx, user)?.ok_or(Error::NotFound)?;
        if factor.confirmed_at.is_some() {
            return Err(Error::Conflict("codes are asked for already".to_owned()));
        }
        let now = tx.now();
        let step = matching_step(&factor, code, now).ok_or_else(wrong)?;
        let factor = SecondFactor {
            confirmed_at: Some(now),
            last_step: step,
            ..factor
        };
        store::second_factors::put(tx, &factor)?;
        put_codes(tx, user, &codes)?;
        note(tx, actor, "second-factor.on", user)
    })?;
    Ok(codes)
}

/// Spends a code of the app or a recovery code; says in words which.
pub fn check(app: &App, user: UserId, address: &str, code: &str) -> Result<&'static str, Error> {
    app.db.write(|tx| {
        tx.quiet("the session that follows is the news");
        let factor = store::second_factors::of_user(tx, user)?
            .filter(|factor| factor.confirmed_at.is_some())
            .ok_or_else(wrong)?;
        let now = tx.now();
        if let Some(step) = matching_step(&factor, code, now) {
            let factor = SecondFactor {
                last_step: step,
                ..factor
            };
            store::second_factors::put(tx, &factor)?;
            return Ok("password and code");
        }
        let code = plain(code);
        if !store::second_factors::use_code(tx, user, &secrets::digest(&code))? {
            return Err(wrong());
        }
        let who = store::users::by_id(tx, user)?.ok_or(Error::NotFound)?;
        let actor = Actor::signed_in(who.id, who.role, address);
        note(tx, &actor, "recovery-code.use", user)?;
        Ok("password and recovery code")
    })
}

/// New recovery codes in the place of those before.
pub fn renew_codes(app: &App, actor: &Actor) -> Result<Vec<String>, Error> {
    require(actor, Act::ManageSelf)?;
    let user = actor.user().ok_or(Error::Forbidden)?;
    let codes = new_codes()?;
    app.db.write(|tx| {
        let factor = store::second_factors::of_user(tx, user)?;
        if factor.is_none_or(|factor| factor.confirmed_at.is_none()) {
            return Err(Error::NotFound);
        }
        put_codes(tx, user, &codes)?;
        note(tx, actor, "recovery-codes.renew", user)
    })?;
    Ok(codes)
}

/// From now on the password is enough.
pub fn remove(app: &App, actor: &Actor) -> Result<(), Error> {
    require(actor, Act::ManageSelf)?;
    let user = actor.user().ok_or(Error::Forbidden)?;
    app.db.write(|tx| {
        store::second_factors::delete(tx, user)?;
        note(tx, actor, "second-factor.off", user)
    })
}

fn note(tx: &mut WriteTx<'_>, actor: &Actor, act: &str, user: UserId) -> Result<(), Error> {
    let id = user.as_i64();
    accounts::audit(tx, actor, act, Noun::User, id, "")?;
    tx.record(Change::hidden(Noun::User, id, Verb::Updated));
    Ok(())
}

fn wrong() -> Error {
    Error::invalid(
        "code",
        "This code is not right, or it was used already; wait for the next one",
    )
}

fn put_codes(tx: &mut WriteTx<'_>, user: UserId, codes: &[String]) -> Result<(), Error> {
    let hashes: Vec<_> = codes
        .iter()
        .map(|code| secrets::digest(&plain(code)))
        .collect();
    Ok(store::second_factors::put_codes(tx, user, &hashes)?)
}

fn new_codes() -> Result<Vec<String>, Error> {
    (0..RECOVERY_CODES)
        .map(|_| {
            let letters = base32(&secrets::random::<RECOVERY_BYTES>()?);
            Ok(in_groups(&letters.to_lowercase(), "-"))
        })
        .collect()
}

/// Four letters, and four, and four: so that people can copy them.
pub fn in_groups(letters: &str, between: &str) -> String {
    let groups: Vec<&str> = (0..letters.len())
        .step_by(4)
        .filter_map(|at| letters.get(at..letters.len().min(at + 4)))
        .collect();
    groups.join(between)
}

/// A code without what people put between its letters.
fn plain(code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_lowercase()
}

/// The step of time a code is of, if it is not spent yet.
fn matching_step(factor: &SecondFactor, code: &str, now: Timestamp) -> Option<u64> {
    let given: String = code.split_whitespace().collect();
    let step = u64::try_from(now.as_seconds() / STEP_SECONDS).ok()?;
    let mut steps = step.saturating_sub(STEPS_AROUND)..=step + STEPS_AROUND;
    steps.find(|step| *step > factor.last_step && self::code(&factor.secret, *step) == given)
}

fn code(secret: &[u8], step: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag.last().map_or(0, |byte| byte & 0xf));
    let number = tag
        .iter()
        .skip(at)
        .take(4)
        .fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    format!("{:06}", (number & 0x7fff_ffff) % CODE_LIMIT)
}

/// RFC 4648, without padding, in capitals.
fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(5) {
        let mut bits = [0_u8; 8];
        for (to, from) in bits.iter_mut().skip(3).zip(group) {
            *to = *from;
        }
        let bits = u64::from_be_bytes(bits);
        let letters = (group.len() * 8).div_ceil(5);
        for letter in 0..letters {
            let index = (bits >> (35 - 5 * letter)) & 31;
            let letter = usize::try_from(index)
                .ok()
                .and_then(|index| LETTERS.get(index));
            text.extend(letter.map(|letter| char::from(letter.to_ascii_uppercase())));
        }
    }
    text
}

/// The address that tells an app everything, as in a QR code.
pub fn app_address(site: &str, email: &str, secret: &str) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (issuer, account) = (encoded(site), encoded(email));
    format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of the standard's examples.
    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, the last six digits.
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SECRET, seconds / 30), expected);
        }
        assert_eq!(base32(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(base32(b"foob"), "MZXW6YQ");
    }

    #[test]
    fn a_code_is_good_once_and_for_a_moment() {
        let factor = SecondFactor {
            user: UserId::from_i64(1),
            secret: SECRET.to_vec(),
            confirmed_at: None,
            last_step: 0,
        };
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        assert_eq!(matching_step(&factor, "287 082", at(59)), Some(1));
        assert_eq!(matching_step(&factor, "287082", at(89)), Some(1));
        assert_eq!(matching_step(&factor, "287082", at(29)), Some(1));
        assert_eq!(matching_step(&factor, "287082", at(90)), None);
        let spent = SecondFactor {
            last_step: 1,
            ..factor
        };
        assert_eq!(matching_step(&spent, "287082", at(59)), None);
    }

    #[test]
    fn recovery_codes_are_read_as_people_copy_them() {
        let codes = new_codes().unwrap();
        assert_eq!(codes.len(), RECOVERY_CODES);
        assert_eq!(codes[0].len(), 19);
        assert_eq!(plain(&codes[0].to_uppercase()), codes[0].replace('-', ""));
    }

    #[test]
    fn the_address_for_apps_survives_odd_names() {
        assert_eq!(
            app_address("A & B: c", "a@b.c", "ABC"),
            "otpauth://totp/A%20%26%20B%3A%20c:a%40b%2Ec?secret=ABC&issuer=A%20%26%20B%3A%20c"
        );
    }
}
