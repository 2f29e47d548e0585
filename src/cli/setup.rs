//! `inkstand setup`: a new link that claims the site.

use crate::app::App;
use crate::app::joining::{self, Claim};
use crate::boot;

use super::{Common, Failure, misused};

pub(super) fn run(common: Common) -> Result<(), Failure> {
    let config = common.load(Vec::new())?;
    let app = boot::open_app(&config, false)?;
    match joining::claim_link(&app, true)? {
        Claim::New(secret) => tell(config.base_url().as_str(), &secret),
        Claim::Claimed | Claim::Open(_) => {
            return Err(misused(
                "inkstand: the site has an owner; “inkstand user reset-password” gives a new password",
            ));
        }
    }
    Ok(())
}

/// What a server says that starts while nobody owns the site.
pub(super) fn at_start(app: &App, base_url: &str) -> Result<(), Failure> {
    match joining::claim_link(app, false)? {
        Claim::Claimed => {}
        Claim::New(secret) => tell(base_url, &secret),
        Claim::Open(_) => println!(
            "Nobody owns this site yet. The link that was printed last is still good; “inkstand setup” \
             prints another."
        ),
    }
    Ok(())
}

fn tell(base_url: &str, secret: &str) {
    println!("To make this site yours, open this link within 30 minutes:");
    println!("{base_url}/setup/{secret}");
}
