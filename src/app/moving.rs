//! What comes from another site beside its posts, and all that leaves for one: people, tags, settings,
//! redirects, files. The posts themselves arrive through `posts::arrive`. Nothing that is here already is
//! written over. Knows no file formats.

use std::io::Read;

use crate::db::{ReadTx, WriteTx};
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::{MediaId, PostId, TagId};
use crate::domain::media::Media;
use crate::domain::origin::Origin;
use crate::domain::post::Post;
use crate::domain::slug::Slug;
use crate::domain::tag::{Tag, is_colour};
use crate::domain::text::{Email, Name, WebAddress};
use crate::domain::user::{NewUser, Role, User};
use crate::store;

use super::tags::MAX_DESCRIPTION_CHARS;
use super::{App, Error, accounts, media, people, require};

/// Bytes handed on in one piece.
const PIECE_BYTES: usize = 64 * 1024;

/// What became of something that is not a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    Made,
    /// It is here, and the same.
    Same,
    /// It is here, and says something else; it stays as it is.
    Other,
}

/// The posts that came from a site: what each was called there, and the address it has here. `None`: it
/// was deleted here.
pub fn arrived_before(
    app: &App,
    actor: &Actor,
    source: &str,
) -> Result<Vec<(String, Option<Slug>)>, Error> {
    require(actor, Act::SeeEverything)?;
    Ok(app.db.read(|tx| store::origins::addresses_of(tx, source))?)
}

/// Which of these addresses belong to a post.
pub fn taken(app: &App, actor: &Actor, slugs: &[Slug]) -> Result<Vec<bool>, Error> {
    require(actor, Act::SeeEverything)?;
    app.db.read(|tx| {
        let taken = slugs
            .iter()
            .map(|slug| store::posts::slug_is_taken(tx, slug.as_str(), None));
        Ok(taken.collect::<Result<_, _>>()?)
    })
}

/// Somebody who writes there.
#[derive(Debug, Clone)]
pub struct Person {
    pub slug: Slug,
    pub name: Name,
    pub email: Email,
    pub role: Role,
    pub bio: String,
    pub website: Option<WebAddress>,
    pub suspended: bool,
}

/// Makes somebody who is not here yet, without a password: they cannot sign in before they have one.
/// Nobody becomes a second owner.
pub fn take_person(
    app: &App,
    actor: &Actor,
    person: &Person,
    is_trial: bool,
) -> Result<Met, Error> {
    require(actor, Act::ManageUsers)?;
    if person.bio.chars().count() > people::MAX_BIO_CHARS {
        let why = format!("Shorten this to {} characters", people::MAX_BIO_CHARS);
        return Err(Error::invalid("bio", why));
    }
    let met = app.db.read(|tx| meet(tx, person))?;
    if met != Met::Made || is_trial {
        return Ok(met);
    }
    app.db.write(|tx| {
        let met = meet(tx, person)?;
        if met != Met::Made {
            tx.quiet("somebody else was faster");
            return Ok(met);
        }
        let has_owner = store::users::owner(tx)?.is_some();
        let role = match person.role {
            Role::Owner if has_owner => Role::Admin,
            role => role,
        };
        let new = NewUser {
            email: person.email.clone(),
            name: person.name.clone(),
            slug: person.slug.clone(),
            role,
            password_hash: None,
        };
        let user = User {
            bio: person.bio.clone(),
            website: person.website.clone(),
            suspended: person.suspended,
            ..store::users::insert(tx, &new)?
        };
        store::users::update(tx, &user)?;
        let id = user.id.as_i64();
        accounts::audit(tx, actor, "user.create", Noun::User, id, role.as_str())?;
        tx.record(Change::hidden(Noun::User, id, Verb::Created));
        Ok(met)
    })
}

/// Whether somebody is here already: known by address or by e-mail.
fn meet(tx: &mut ReadTx<'_>, person: &Person) -> Result<Met, Error> {
    let by_slug = store::users::by_slug(tx, &person.slug)?;
    let by_email = store::users::by_email(tx, &person.email)?;
    Ok(match (by_slug, by_email) {
        (None, None) => Met::Made,
        (Some(one), Some(other)) if one.id == other.id => {
            let says_the_same =
                one.name == person.name && one.bio == person.bio && one.website == person.website;
            if says_the_same { Met::Same } else { Met::Other }
        }
        _ => Met::Other,
    })
}

/// A tag with what is said about it.
#[derive(Debug, Clone)]
pub struct Label {
    pub slug: Slug,
    pub name: Name,
    pub description: String,
    pub colour: Option<String>,
    pub cover_url: Option<WebAddress>,
}

/// Makes tags that are not here yet.
pub fn take_labels(
    app: &App,
    actor: &Actor,
    labels: &[Label],
    is_trial: bool,
) -> Result<Vec<Met>, Error> {
    require(actor, Act::ManageTags)?;
    for label in labels {
        let is_odd = label
            .colour
            .as_deref()
            .is_some_and(|colour| !is_colour(colour));
        if is_odd || label.description.chars().count() > MAX_DESCRIPTION_CHARS {
            let why = format!(
                "“{}” has a colour or description that no tag has",
                label.name
            );
            return Err(Error::invalid("tags", why));
        }
    }
    if is_trial {
        return app
            .db
            .read(|tx| labels.iter().map(|label| met(tx, label)).collect());
    }
    app.db.write(|tx| {
        tx.quiet("all of them may be here already");
        labels.iter().map(|label| take_label(tx, label)).collect()
    })
}

fn met(tx: &mut ReadTx<'_>, label: &Label) -> Result<Met, Error> {
    let known = match store::tags::by_name(tx, &label.name)? {
        None => store::tags::by_slug(tx, &label.slug)?,
        known => known,
    };
    Ok(match known {
        None => Met::Made,
        Some(tag) => {
            let says_the_same = tag.name == label.name
                && tag.slug == label.slug
                && tag.description == label.description
                && tag.colour == label.colour
                && tag.cover_url == label.cover_url;
            if says_the_same { Met::Same } else { Met::Other }
        }
    })
}

fn take_label(tx: &mut WriteTx<'_>, label: &Label) -> Result<Met, Error> {
    let met = met(tx, label)?;
    if met == Met::Made {
        let tag = Tag {
            id: TagId::from_i64(tx.new_id()),
            slug: label.slug.clone(),
            name: label.name.clone(),
            description: label.description.clone(),
            colour: label.colour.clone(),
            cover_url: label.cover_url.clone(),
            updated_at: tx.now(),
        };
        store::tags::insert(tx, &tag)?;
        tx.record(Change::hidden(Noun::Tag, tag.id.as_i64(), Verb::Created));
    }
    Ok(met)
}

/// Takes a file in, or finds the one that became of it before. A trial looks whether it could be taken.
/// Says where it is, and whether it is new.
pub fn take_file(
    app: &App,
    actor: &Actor,
    source: &str,
    file: &File<'_>,
    bytes: &mut dyn Read,
    is_trial: bool,
) -> Result<(String, bool), Error> {
    require(actor, Act::UploadMedia)?;
    let mut draft = media::begin(app, actor)?;
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let count = bytes
            .read(&mut piece)
            .map_err(|error| Error::invalid("file", format!("It cannot be read: {error}")))?;
        if count == 0 {
            break;
        }
        media::fill(&mut draft, piece.get(..count).unwrap_or_default())?;
        if draft.bytes() > media::MAX_BYTES {
            let most_mib = media::MAX_BYTES >> 20;
            return Err(Error::TooLarge(format!("it is larger than {most_mib} MiB")));
        }
    }
    let digest = draft.digest().to_vec();
    if let Some(known) = known_file(app, source, file.origin, &digest)? {
        return Ok((known.path, false));
    }
    if is_trial {
        return media::examine(app, actor, draft, file.name);
    }
    let words = [file.alt, file.caption];
    let (kept, is_new) = media::add_described(app, actor, draft, file.name, words)?;
    app.db.write(|tx| {
        tx.quiet("where it came from is no news");
        for path in file.former {
            if store::media::by_path(tx, path)?.is_none() {
                store::media::lead_to(tx, path, kept.id)?;
            }
        }
        let origin = Origin {
            source: source.to_owned(),
            name: file.origin.to_owned(),
            digest: digest.clone(),
            post: None,
            media: Some(kept.id),
            written_digest: None,
        };
        Ok::<_, Error>(store::origins::put(tx, &origin)?)
    })?;
    Ok((kept.path, is_new))
}

/// A file on its way in.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// What it was called where it came from, with its folders.
    pub origin: &'a str,
    pub name: &'a str,
    pub alt: &'a str,
    pub caption: &'a str,
    /// Further paths that are to lead to it.
    pub former: &'a [String],
}

fn known_file(app: &App, source: &str, name: &str, digest: &[u8]) -> Result<Option<Media>, Error> {
    app.db.read(|tx| {
        let origin = store::origins::find(tx, source, name)?;
        let id: Option<MediaId> = origin
            .filter(|origin| origin.digest == digest)
            .and_then(|origin| origin.media);
        Ok(match id {
            Some(id) => store::media::by_id(tx, id)?,
            None => None,
        })
    })
}

/// The addresses a file had before other bytes took its place, which texts may still name.
pub fn former_paths(app: &App, actor: &Actor, media: &Media) -> Result<Vec<String>, Error> {
    require(actor, Act::UploadMedia)?;
    let mut paths = app
        .db
        .read(|tx| store::media::other_addresses(tx, media.id))?;
    paths.retain(|path| !media.variants.iter().any(|copy| copy.path == *path));
    Ok(paths)
}

/// A post with the names of what it is tied to, for somebody who knows no numbers of ours.
#[derive(Debug)]
pub struct Leaving {
    pub post: Post,
    pub tags: Vec<Name>,
    pub authors: Vec<Slug>,
    /// Addresses that lead to it, and whether for good.
    pub old_paths: Vec<(String, bool)>,
    /// The first by name of those it is a translation of, itself among them.
    pub translations: Option<Slug>,
    /// There are edits that readers do not see yet. They stay here.
    pub has_pending: bool,
}

/// All posts whatever their state, a batch at a time: those after `after`, in no order that means
/// anything.
pub fn leaving(app: &App, actor: &Actor, after: PostId, limit: u32) -> Result<Vec<Leaving>, Error> {
    require(actor, Act::SeeEverything)?;
    require(actor, Act::ManageRedirects)?;
    app.db.read(|tx| {
        let mut all = Vec::new();
        for id in store::timeline::ids_after(tx, after, limit)? {
            if let Some(post) = store::posts::by_id(tx, id)? {
                all.push(whole(tx, post)?);
            }
        }
        Ok(all)
    })
}

fn whole(tx: &mut ReadTx<'_>, post: Post) -> Result<Leaving, Error> {
    let tags = store::tags::of_post(tx, post.id)?;
    let authors = store::users::of_post(tx, post.id)?;
    let redirects = store::redirects::of_post(tx, post.id)?;
    let mut old_paths: Vec<_> = redirects
        .into_iter()
        .map(|redirect| (redirect.from, redirect.permanent))
        .collect();
    old_paths.sort();
    let mut translations = None;
    if let Some(group) = store::translations::group_of(tx, post.id)? {
        for member in store::translations::members(tx, group)? {
            let slug = store::posts::by_id(tx, member)?.map(|post| post.content.slug);
            translations = match (translations, slug) {
                (Some(first), Some(slug)) if first < slug => Some(first),
                (first, slug) => slug.or(first),
            };
        }
    }
    Ok(Leaving {
        tags: tags.into_iter().map(|tag| tag.name).collect(),
        authors: authors.into_iter().map(|user| user.slug).collect(),
        has_pending: store::pending::get(tx, post.id)?.is_some(),
        old_paths,
        translations,
        post,
    })
}
