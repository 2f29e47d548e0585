//! `inkstand redirect`: sends an address of the site elsewhere.

use clap::Subcommand;

use crate::app::redirects;
use crate::boot;
use crate::domain::actor::Actor;
use crate::domain::text::WebAddress;

use super::{Common, Failure};

#[derive(Debug, Subcommand)]
pub(super) enum RedirectCommand {
    /// Send readers of a path to another path or site
    Add {
        /// A path on this site, like /old-name, or /old/* for all below it
        from: String,
        /// Another path, or https://…; a * in it is what the first one stood for
        to: String,
        /// It may come back: browsers are told not to remember it
        #[arg(long)]
        temporary: bool,
    },
}

impl RedirectCommand {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let Self::Add {
            from,
            to,
            temporary,
        } = self;
        let to = WebAddress::parse(&to)?;
        let config = common.load(Vec::new())?;
        let base_url = config.base_url().to_string();
        let app = boot::open_app(&config, false)?;
        redirects::create(&app, &Actor::system(), &from, &to, !temporary, &base_url)?;
        println!("{from} leads to {to}");
        Ok(())
    }
}
