//! A site to work on: an admin and some posts, for `serve --dev`.

use crate::domain::actor::Actor;
use crate::domain::language::Language;
use crate::domain::post::Kind;
use crate::domain::text::{Email, Name, Title};
use crate::domain::user::Role;

use super::posts::{Draft, Release};
use super::{App, Error, accounts, posts, secrets};

pub const ADMIN_EMAIL: &str = "admin@example.org";

/// One post of the site; its language where that is not the site's.
struct Sample {
    title: &'static str,
    language: Option<&'static str>,
    tags: &'static [&'static str],
    markdown: &'static str,
}

/// Oldest first: long and short ones, and languages of other directions and scripts.
const POSTS: &[Sample] = &[
    Sample {
        title: "A day without a word",
        language: None,
        tags: &[],
        markdown: include_str!("../../assets/samples/small.md"),
    },
    Sample {
        title: "墨を磨る",
        language: Some("ja"),
        tags: &["Letters"],
        markdown: include_str!("../../assets/samples/ink.md"),
    },
    Sample {
        title: "الحديقة القديمة",
        language: Some("ar"),
        tags: &["Letters"],
        markdown: include_str!("../../assets/samples/garden.md"),
    },
    Sample {
        title: "Der Hafen vor Tagesanbruch",
        language: Some("de"),
        tags: &["Letters", "Places"],
        markdown: include_str!("../../assets/samples/harbour.md"),
    },
    Sample {
        title: "A letter from the lighthouse",
        language: None,
        tags: &["Letters", "Places"],
        markdown: include_str!("../../assets/samples/lighthouse.md"),
    },
    Sample {
        title: "Everything a post can hold",
        language: None,
        tags: &["Writing", "Reference"],
        markdown: include_str!("../../assets/samples/everything.md"),
    },
    Sample {
        title: "What a page owes its reader",
        language: None,
        tags: &["Writing", "Design"],
        markdown: include_str!("../../assets/samples/typesetting.md"),
    },
    Sample {
        title: "Why plain files outlive their programs",
        language: None,
        tags: &["Writing", "Software"],
        markdown: include_str!("../../assets/samples/plain-files.md"),
    },
];

/// Makes the admin and the posts on an empty site; gives the admin a new password and returns it.
/// A site that somebody uses is left alone.
pub fn fill(app: &App) -> Result<Option<String>, Error> {
    let system = Actor::system();
    let email = Email::parse(ADMIN_EMAIL).map_err(Error::internal)?;
    let password = secrets::new_secret()?;
    match accounts::owner(app)? {
        Some(owner) if owner.email == email => {
            accounts::set_password(
                app,
                &system,
                &email,
                &password,
                accounts::OtherProofs::Remove,
            )?;
            return Ok(Some(password));
        }
        Some(_) => return Ok(None),
        None => {}
    }
    let name = Name::parse("Ada Admin").map_err(Error::internal)?;
    accounts::create_user(app, &system, email, name, Role::Owner, Some(&password))?;
    for sample in POSTS {
        let tags = sample.tags.iter().map(|tag| Name::parse(tag));
        let draft = Draft {
            title: Some(Title::parse(sample.title).map_err(Error::internal)?),
            markdown: Some(sample.markdown.to_owned()),
            tags: Some(tags.collect::<Result<_, _>>().map_err(Error::internal)?),
            language: sample.language.map(language).transpose()?.map(Some),
            ..Draft::default()
        };
        posts::create_released(app, &system, Kind::Post, draft, Release::Now)?;
    }
    Ok(Some(password))
}

fn language(tag: &str) -> Result<Language, Error> {
    Language::parse(tag).map_err(Error::internal)
}
