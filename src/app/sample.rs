//! A site to work on: an admin and some posts, for `serve --dev`.

use crate::domain::actor::Actor;
use crate::domain::post::Kind;
use crate::domain::text::{Email, Name, Title};
use crate::domain::user::Role;

use super::posts::{Draft, Release};
use super::{App, Error, accounts, posts, secrets};

pub const ADMIN_EMAIL: &str = "admin@example.org";

/// Title, tags and text, oldest first.
const POSTS: &[(&str, &[&str], &str)] = &[
    (
        "A letter from the lighthouse",
        &["Letters"],
        include_str!("../../assets/samples/lighthouse.md"),
    ),
    (
        "Everything a post can hold",
        &["Writing", "Reference"],
        include_str!("../../assets/samples/everything.md"),
    ),
    (
        "Why plain files outlive their programs",
        &["Writing", "Software"],
        include_str!("../../assets/samples/plain-files.md"),
    ),
];

/// Makes the admin and the posts on an empty site; gives the admin a new password and returns it.
/// A site that somebody uses is left alone.
pub fn fill(app: &App) -> Result<Option<String>, Error> {
    let system = Actor::system();
    let email = Email::parse(ADMIN_EMAIL).map_err(Error::internal)?;
    let password = secrets::new_secret()?;
    match accounts::owner(app)? {
        Some(owner) if owner.email == email => {
            accounts::set_password(app, &system, &email, &password)?;
            return Ok(Some(password));
        }
        Some(_) => return Ok(None),
        None => {}
    }
    let name = Name::parse("Ada Admin").map_err(Error::internal)?;
    accounts::create_user(app, &system, email, name, Role::Owner, Some(&password))?;
    for (title, tags, markdown) in POSTS {
        let tags = tags.iter().map(|tag| Name::parse(tag));
        let draft = Draft {
            title: Some(Title::parse(title).map_err(Error::internal)?),
            markdown: Some((*markdown).to_owned()),
            tags: Some(tags.collect::<Result<_, _>>().map_err(Error::internal)?),
            ..Draft::default()
        };
        posts::create_released(app, &system, Kind::Post, draft, Release::Now)?;
    }
    Ok(Some(password))
}
