//! `inkstand audit`: the record of what was done here that matters, for the operator's eyes and scripts.

use clap::Args;
use serde::Serialize;

use crate::app::audit::{self, Filter};
use crate::app::people;
use crate::domain::actor::Actor;
use crate::domain::audit::AuditEntry;

use super::output::{Form, Table, moment};
use super::user::somebody;
use super::{Common, Failure};

#[derive(Debug, Args)]
pub(super) struct Audit {
    /// Only what this person did: an e-mail address, a number, or a name in addresses
    #[arg(long, value_name = "PERSON")]
    user: Option<String>,
    /// Only acts of this name, like post.published
    #[arg(long)]
    act: Option<String>,
    /// No more than these
    #[arg(long, default_value_t = 25)]
    limit: u32,
    /// Leave out so many first
    #[arg(long, default_value_t = 0)]
    offset: u32,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Serialize)]
struct Item {
    at: String,
    /// `None`: the shell, or somebody who is not signed in.
    user: Option<String>,
    act: String,
    noun: &'static str,
    noun_id: Option<i64>,
    address: String,
    detail: String,
}

impl Audit {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let app = common.open_app()?;
        let actor = Actor::system();
        let people = people::list(&app, &actor)?;
        let user = self.user.as_deref().map(|word| somebody(&people, word));
        let filter = Filter {
            user: user.transpose()?.map(|user| user.id),
            act: self.act.clone(),
        };
        let entries = audit::list(&app, &actor, &filter, self.limit, self.offset)?;
        let item = |entry: AuditEntry| {
            let user = entry.user.map(|id| {
                let known = people.iter().find(|user| user.id == id);
                known.map_or_else(|| id.to_string(), |user| user.email.to_string())
            });
            Item {
                at: moment(entry.at),
                user,
                act: entry.act,
                noun: entry.noun.as_str(),
                noun_id: entry.noun_id,
                address: entry.address,
                detail: entry.detail,
            }
        };
        let items: Vec<Item> = entries.into_iter().map(item).collect();
        self.form.list(&items, || table(&items))
    }
}

fn table(items: &[Item]) -> String {
    let mut table = Table::new(&["TIME", "ACT", "WHO", "FROM", "DETAIL"]);
    for item in items {
        table.row([
            item.at.clone(),
            item.act.clone(),
            item.user.clone().unwrap_or_else(|| "the shell".to_owned()),
            item.address.clone(),
            item.detail.clone(),
        ]);
    }
    table.to_string()
}
