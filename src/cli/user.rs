//! `inkstand user`: people who write here, from the operator's shell.

use std::io::IsTerminal as _;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use crate::app::accounts::OtherProofs;
use crate::app::{App, accounts, people, secrets};
use crate::domain::actor::Actor;
use crate::domain::text::{Email, Name};
use crate::domain::user::{Role, User};

use super::output::{Form, Table, moment, one_line, say};
use super::{Common, Failure, failed, misused};

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Add somebody; prints a password if none is given on standard input
    Create {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        #[arg(long, value_enum, default_value_t = RoleWord::Author)]
        role: RoleWord,
        #[command(flatten)]
        form: Form,
    },
    /// Everybody who writes here
    List {
        #[command(flatten)]
        form: Form,
    },
    /// What is known of somebody
    Show {
        /// An e-mail address, a number, or a name in addresses
        person: String,
        #[command(flatten)]
        form: Form,
    },
    /// Give somebody another role and end their sign-ins; the old owner becomes an admin
    Role {
        /// An e-mail address, a number, or a name in addresses
        person: String,
        #[arg(value_enum)]
        role: RoleWord,
    },
    /// Keep somebody out until they are readmitted; what they wrote stays
    Suspend(Person),
    /// Let somebody in again
    Readmit(Person),
    /// Remove somebody for good
    Remove {
        /// An e-mail address, a number, or a name in addresses
        person: String,
        /// Who takes their place among the authors of what they wrote
        #[arg(long, value_name = "PERSON")]
        heir: String,
    },
    /// Give somebody a new password and end their sign-ins
    ResetPassword {
        #[arg(long)]
        email: String,
        /// Also remove codes, recovery codes and passkeys, for whoever has lost their device
        #[arg(long)]
        remove_second_factor: bool,
        #[command(flatten)]
        form: Form,
    },
}

#[derive(Debug, Args)]
pub(super) struct Person {
    /// An e-mail address, a number, or a name in addresses
    person: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum RoleWord {
    Owner,
    Admin,
    Editor,
    Author,
    Contributor,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Owner => Self::Owner,
            RoleWord::Admin => Self::Admin,
            RoleWord::Editor => Self::Editor,
            RoleWord::Author => Self::Author,
            RoleWord::Contributor => Self::Contributor,
        }
    }
}

#[derive(Debug, Serialize)]
struct Item<'a> {
    id: i64,
    email: &'a str,
    name: &'a str,
    slug: &'a str,
    role: &'a str,
    suspended: bool,
    website: Option<&'a str>,
    bio: &'a str,
    created_at: String,
    updated_at: String,
}

impl<'a> Item<'a> {
    fn of(user: &'a User) -> Self {
        Self {
            id: user.id.as_i64(),
            email: user.email.as_str(),
            name: user.name.as_str(),
            slug: user.slug.as_str(),
            role: user.role.as_str(),
            suspended: user.suspended,
            website: user
                .website
                .as_ref()
                .map(crate::domain::text::WebAddress::as_str),
            bio: &user.bio,
            created_at: moment(user.created_at),
            updated_at: moment(user.updated_at),
        }
    }
}

impl UserCommand {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let actor = Actor::system();
        match self {
            Self::Create {
                email,
                name,
                role,
                form,
            } => create(common, &email, &name, role.into(), form),
            Self::List { form } => {
                let all = people::list(&common.open_app()?, &actor)?;
                let items: Vec<Item<'_>> = all.iter().map(Item::of).collect();
                form.list(&items, || table(&items))
            }
            Self::Show { person, form } => {
                let app = common.open_app()?;
                let user = find(&app, &person)?;
                show(&app, &user, form)
            }
            Self::Role { person, role } => change_role(&common.open_app()?, &person, role.into()),
            Self::Suspend(Person { person }) => suspend(&common.open_app()?, &person, true),
            Self::Readmit(Person { person }) => suspend(&common.open_app()?, &person, false),
            Self::Remove { person, heir } => {
                let app = common.open_app()?;
                let (user, heir) = (find(&app, &person)?, find(&app, &heir)?);
                people::delete(&app, &actor, user.id, heir.id)?;
                say(format!(
                    "{} is gone; {} has their texts",
                    user.name, heir.name
                ))
            }
            Self::ResetPassword {
                email,
                remove_second_factor,
                form,
            } => reset_password(common, &email, remove_second_factor, form),
        }
    }
}

fn create(common: Common, email: &str, name: &str, role: Role, form: Form) -> Result<(), Failure> {
    let email = Email::parse(email)?;
    let name = Name::parse(name)?;
    let (password, was_made) = password()?;
    let app = common.open_app()?;
    let actor = Actor::system();
    let user = accounts::create_user(&app, &actor, email, name, role, Some(&password))?;
    let said = format!("{} <{}> is {} now", user.name, user.email, user.role);
    tell_password(&user, said, was_made.then_some(&password), form)
}

fn reset_password(
    common: Common,
    email: &str,
    remove_second_factor: bool,
    form: Form,
) -> Result<(), Failure> {
    let others = if remove_second_factor {
        OtherProofs::Remove
    } else {
        OtherProofs::Keep
    };
    let email = Email::parse(email)?;
    let (password, was_made) = password()?;
    let app = common.open_app()?;
    accounts::set_password(&app, &Actor::system(), &email, &password, others)?;
    let said = format!("{email} has a new password and is signed out everywhere");
    let user = find(&app, email.as_str())?;
    tell_password(&user, said, was_made.then_some(&password), form)
}

/// What became of somebody; the password only if nobody else knows it.
fn tell_password(
    user: &User,
    said: String,
    made: Option<&String>,
    form: Form,
) -> Result<(), Failure> {
    let mut answer = serde_json::to_value(Item::of(user))?;
    answer["password"] = made.cloned().into();
    form.tell(&answer, || match made {
        Some(password) => format!("{said}\nPassword: {password}"),
        None => said,
    })
}

fn change_role(app: &App, person: &str, role: Role) -> Result<(), Failure> {
    let user = find(app, person)?;
    let actor = Actor::system();
    if role == Role::Owner {
        people::hand_over(app, &actor, user.id)?;
    } else {
        people::change_role(app, &actor, user.id, role)?;
    }
    say(format!("{} is {role} now", user.name))
}

fn suspend(app: &App, person: &str, is_out: bool) -> Result<(), Failure> {
    let user = find(app, person)?;
    people::suspend(app, &Actor::system(), user.id, is_out)?;
    let what = if is_out {
        "is kept out"
    } else {
        "may come in again"
    };
    say(format!("{} {what}", user.name))
}

fn show(app: &App, user: &User, form: Form) -> Result<(), Failure> {
    let posts = people::post_count(app, user.id)?;
    let mut answer = serde_json::to_value(Item::of(user))?;
    answer["posts"] = posts.into();
    form.tell(&answer, || {
        let website = user.website.as_ref().map(ToString::to_string);
        let lines = [
            ("id", user.id.to_string()),
            ("name", user.name.to_string()),
            ("email", user.email.to_string()),
            ("role", user.role.to_string()),
            ("address", format!("/author/{}", user.slug)),
            ("website", website.unwrap_or_default()),
            ("bio", user.bio.clone()),
            ("posts", posts.to_string()),
            ("since", moment(user.created_at)),
            (
                "kept out",
                if user.suspended { "yes" } else { "" }.to_owned(),
            ),
        ];
        let said = lines.iter().filter(|(_, value)| !value.is_empty());
        let said = said.map(|(name, value)| format!("{name:<10}{}", one_line(value)));
        said.collect::<Vec<_>>().join("\n")
    })
}

fn find(app: &App, word: &str) -> Result<User, Failure> {
    let all = people::list(app, &Actor::system())?;
    somebody(&all, word)
}

/// Who is meant by a word of the operator's.
pub(super) fn somebody(all: &[User], word: &str) -> Result<User, Failure> {
    let folded = word.to_lowercase();
    let is_meant = |user: &&User| {
        user.email.as_str() == folded || user.slug.as_str() == word || user.id.to_string() == word
    };
    all.iter().find(is_meant).cloned().ok_or_else(|| {
        failed(format!(
            "there is nobody called “{word}” here; “inkstand user list” shows everybody"
        ))
    })
}

fn table(items: &[Item<'_>]) -> String {
    let mut table = Table::new(&["ID", "ROLE", "EMAIL", "ADDRESS", "NAME"]);
    for item in items {
        let role = if item.suspended {
            format!("{}, kept out", item.role)
        } else {
            item.role.to_owned()
        };
        let address = format!("/author/{}", item.slug);
        let cells = [
            item.id.to_string(),
            role,
            item.email.to_owned(),
            address,
            item.name.to_owned(),
        ];
        table.row(cells);
    }
    table.to_string()
}

/// The line on standard input, or a password made up when there is none.
fn password() -> Result<(String, bool), Failure> {
    if std::io::stdin().is_terminal() {
        return Ok((secrets::new_secret()?, true));
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let line = line.trim_end_matches(['\r', '\n']).to_owned();
    if line.is_empty() {
        return Ok((secrets::new_secret()?, true));
    }
    if line.contains('\0') {
        return Err(misused("inkstand: the password must be text"));
    }
    Ok((line, false))
}
