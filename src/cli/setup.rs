//! `inkstand setup`: a new link that claims the site.

use crate::app::App;
use crate::app::joining::{self, Claim};
use crate::boot;

use super::output::say;
use super::{Common, Failure, misused};

pub(super) fn run(common: Common) -> Result<(), Failure> {
    let config = common.load(Vec::new())?;
    let app = boot::open_app(&config, false)?;
    match joining::claim_link(&app, true)? {
        Claim::New(secret) => tell(config.base_url().as_str(), &secret),
        Claim::Claimed | Claim::Open(_) => Err(misused(
            "inkstand: the site has an owner; “inkstand user reset-password” gives a new password",
        )),
    }
}

/// What a server says that starts while nobody owns the site.
pub(super) fn at_start(app: &App, base_url: &str) -> Result<(), Failure> {
    match joining::claim_link(app, false)? {
        Claim::Claimed => Ok(()),
        Claim::New(secret) => tell(base_url, &secret),
        Claim::Open(_) => say(
            "Nobody owns this site yet. The link that was printed last is still good; “inkstand setup” \
             prints another.",
        ),
    }
}

fn tell(base_url: &str, secret: &str) -> Result<(), Failure> {
    say(format!(
        "To make this site yours, open this link within 30 minutes:\n{base_url}/setup/{secret}"
    ))
}
