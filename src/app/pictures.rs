//! Pictures the server draws for the site: cards for those who share a page, icons. Their addresses hold
//! a hash of all they are made from, so each can be kept for good and changes with the words.

use sha2::{Digest, Sha256};

use crate::domain::appearance::Colour;
use crate::domain::id::PostId;
use crate::domain::language::Language;
use crate::domain::settings::Settings;
use crate::domain::text::hex;
use crate::pictures::{self, Card, Icon, Mark};
use crate::store;

use super::{App, Error, media};

pub use crate::pictures::{CARD_HEIGHT, CARD_WIDTH};

const CARDS: &str = "/cards/";
const ICONS: &str = "/icons/";
/// The card of all pages that have none of their own.
const SITE: &str = "site";
const ENDING: &str = ".png";
const PNG: &str = "image/png";
const ICO: &str = "image/x-icon";
const HASH_BYTES: usize = 6;
/// The icons there are, by the names of their files.
const FILES: &[(&str, Icon)] = &[
    ("favicon.ico", Icon::Favicon),
    ("icon-192.png", Icon::Plain { side: 192 }),
    ("icon-512.png", Icon::Plain { side: 512 }),
    ("apple-touch-icon.png", Icon::Filled { side: 180 }),
    ("maskable-512.png", Icon::Filled { side: 512 }),
];

/// What is at the address of a picture.
#[derive(Debug)]
pub enum Drawn {
    Here {
        kind: &'static str,
        bytes: Vec<u8>,
    },
    /// Made from other words now.
    Moved(String),
}

/// Where the card of a post is.
pub fn card_of_post(settings: &Settings, id: PostId, title: &str, language: &Language) -> String {
    let id = id.to_string();
    card_path(&id, &post_card(settings, title, language))
}

/// Where the card of the site is.
pub fn card_of_site(settings: &Settings) -> String {
    card_path(SITE, &site_card(settings))
}

/// The card with this name, which is the end of its address.
pub fn card(app: &App, name: &str) -> Result<Drawn, Error> {
    let whose = name.rsplit_once('-').map(|(whose, _)| whose);
    let whose = whose.ok_or(Error::NotFound)?;
    let settings = super::settings::read(app)?;
    if whose == SITE {
        return drawn(app, name, SITE, &site_card(&settings));
    }
    let id = whose.parse().map_err(|_| Error::NotFound)?;
    let post = app
        .db
        .read(|tx| store::posts::by_id(tx, PostId::from_i64(id)))?;
    // Titles of drafts are nobody's business.
    let post = post.filter(|post| post.status.is_readable());
    let content = post.ok_or(Error::NotFound)?.content;
    let language = content.language.as_ref().unwrap_or(&settings.language);
    let card = post_card(&settings, content.title.as_str(), language);
    drawn(app, name, whose, &card)
}

fn post_card<'a>(settings: &'a Settings, title: &'a str, language: &Language) -> Card<'a> {
    Card {
        title,
        from: settings.title.as_str(),
        accent: accent(settings).channels(),
        right_to_left: language.is_right_to_left(),
    }
}

fn site_card(settings: &Settings) -> Card<'_> {
    Card {
        title: settings.title.as_str(),
        from: &settings.description,
        accent: accent(settings).channels(),
        right_to_left: settings.language.is_right_to_left(),
    }
}

fn drawn(app: &App, asked: &str, whose: &str, card: &Card<'_>) -> Result<Drawn, Error> {
    let path = card_path(whose, card);
    if path != format!("{CARDS}{asked}") {
        return Ok(Drawn::Moved(path));
    }
    let bytes = app.painter.card(card).map_err(Error::internal)?;
    Ok(Drawn::Here { kind: PNG, bytes })
}

fn card_path(whose: &str, card: &Card<'_>) -> String {
    let direction = [u8::from(card.right_to_left)];
    let hash = hash_of(&[
        card.title.as_bytes(),
        card.from.as_bytes(),
        &card.accent,
        &direction,
    ]);
    format!("{CARDS}{whose}-{hash}{ENDING}")
}

/// The folder of the site's icons, without a slash at its end.
pub fn icons(settings: &Settings) -> String {
    let logo = settings.logo.as_ref().map(|logo| logo.as_str().as_bytes());
    let title = settings.title.as_str();
    let hash = hash_of(&[
        logo.unwrap_or_default(),
        title.as_bytes(),
        &accent(settings).channels(),
    ]);
    format!("{ICONS}{hash}")
}

/// An icon from the folder with this name, or from the present one.
pub fn icon(app: &App, folder: Option<&str>, file: &str, base_url: &str) -> Result<Drawn, Error> {
    let known = FILES.iter().find(|(name, _)| *name == file);
    let (_, icon) = known.ok_or(Error::NotFound)?;
    let settings = super::settings::read(app)?;
    let path = icons(&settings);
    if folder.is_some_and(|folder| path != format!("{ICONS}{folder}")) {
        return Ok(Drawn::Moved(format!("{path}/{file}")));
    }
    let mark = match logo(app, &settings, base_url)? {
        Some(logo) => logo,
        None => Mark::Name {
            name: settings.title.as_str(),
            accent: accent(&settings).channels(),
        },
    };
    let bytes = app.painter.icon(&mark, *icon).map_err(Error::internal)?;
    let kind = if *icon == Icon::Favicon { ICO } else { PNG };
    Ok(Drawn::Here { kind, bytes })
}

/// The logo, where it is an uploaded picture that can be an icon. Nothing is fetched from elsewhere.
fn logo(app: &App, settings: &Settings, base_url: &str) -> Result<Option<Mark<'static>>, Error> {
    let address = settings.logo.as_ref().map_or("", |logo| logo.as_str());
    let own = address.strip_prefix(base_url).unwrap_or(address);
    let Some(path) = own.strip_prefix(media::PREFIX) else {
        return Ok(None);
    };
    let found = match media::open(app, path) {
        Ok(media::Found::Moved(now)) => media::open(app, &now),
        found => found,
    };
    match found {
        Ok(media::Found::Here(stored)) => {
            let logo = pictures::decode(stored.file).filter(Mark::is_logo);
            Ok(logo.map(Mark::Logo))
        }
        Ok(media::Found::Moved(_)) | Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

fn accent(settings: &Settings) -> Colour {
    settings.accent.clone().unwrap_or_else(Colour::accent)
}

fn hash_of(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    hash.update(pictures::VERSION.to_be_bytes());
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex(&hash.finalize()[..HASH_BYTES])
}
