//! `inkstand setup`: a new link that claims the site.

use clap::Args;

use crate::app::App;
use crate::app::joining::{self, Claim};
use crate::boot;

use super::output::{Form, say};
use super::{Common, Failure, misused};

#[derive(Debug, Args)]
pub(super) struct Setup {
    #[command(flatten)]
    form: Form,
}

impl Setup {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let config = common.load(Vec::new())?;
        let app = boot::open_app(&config, false)?;
        match joining::claim_link(&app, true)? {
            Claim::New(secret) => tell(config.base_url().as_str(), &secret, self.form),
            Claim::Claimed | Claim::Open(_) => Err(misused(
                "inkstand: the site has an owner; “inkstand user reset-password” gives a new password",
            )),
        }
    }
}

/// What a server says that starts while nobody owns the site.
pub(super) fn at_start(app: &App, base_url: &str) -> Result<(), Failure> {
    match joining::claim_link(app, false)? {
        Claim::Claimed => Ok(()),
        Claim::New(secret) => tell(base_url, &secret, Form::default()),
        Claim::Open(_) => say(
            "Nobody owns this site yet. The link that was printed last is still good; “inkstand setup” \
             prints another.",
        ),
    }
}

fn tell(base_url: &str, secret: &str, form: Form) -> Result<(), Failure> {
    let url = format!("{base_url}/setup/{secret}");
    form.tell(&serde_json::json!({ "url": url }), || {
        format!("To make this site yours, open this link within 30 minutes:\n{url}")
    })
}
