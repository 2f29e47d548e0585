//! What an entry says of the post around its text: title, tags, address, date, who may read it. Read from
//! properties, each checked.

use jiff::civil;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::app::Error;
use crate::app::posts::{Draft, Release};
use crate::domain::entry::Properties;
use crate::domain::language::Language;
use crate::domain::post::{Cover, Status};
use crate::domain::slug::Slug;
use crate::domain::text::{Name, Title, WebAddress};
use crate::domain::time::Timestamp;

use super::wording::{self, Ground, values};

/// Properties a post has a place of its own for.
pub(super) const OF_POST: [&str; 9] = [
    "name",
    "summary",
    "category",
    "published",
    "featured",
    "mp-slug",
    "slug",
    "post-status",
    "visibility",
];
/// What the site says itself, whoever else does.
const OURS: [&str; 5] = ["url", "uid", "author", "updated", "created"];
const COMMANDS: &str = "mp-";

/// Whether a property is kept as it was sent.
pub(super) fn is_kept(property: &str) -> bool {
    !OF_POST.contains(&property) && !OURS.contains(&property) && !property.starts_with(COMMANDS)
}

/// Who may read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Visibility {
    #[default]
    Public,
    Unlisted,
    Private,
}

impl Visibility {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "public" => Some(Self::Public),
            "unlisted" => Some(Self::Unlisted),
            "private" => Some(Self::Private),
            _ => None,
        }
    }

    pub(super) const fn of(status: Status) -> Self {
        match status {
            Status::Unlisted => Self::Unlisted,
            Status::Private => Self::Private,
            _ => Self::Public,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::Private => "private",
        }
    }

    pub(super) fn release(self, at: Option<Timestamp>) -> Release {
        match (self, at) {
            (Self::Public, Some(at)) => Release::At(at),
            (Self::Public, None) => Release::Now,
            (Self::Unlisted, _) => Release::Unlisted,
            (Self::Private, _) => Release::Private,
        }
    }
}

/// Where it is to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Standing {
    pub(super) is_draft: bool,
    pub(super) visibility: Visibility,
    /// The date it bears, which may be to come.
    pub(super) date: Option<Timestamp>,
}

pub(super) fn standing(properties: &Properties, zone: &TimeZone) -> Result<Standing, Error> {
    let is_draft = match word(properties, "post-status")?.as_deref() {
        None | Some("published") => false,
        Some("draft") => true,
        Some(_) => {
            let message = "Write published or draft";
            return Err(Error::invalid("post-status", message));
        }
    };
    let visibility = match word(properties, "visibility")? {
        None => Visibility::default(),
        Some(word) => Visibility::parse(&word)
            .ok_or_else(|| Error::invalid("visibility", "Write public, unlisted or private"))?,
    };
    let date = word(properties, "published")?;
    let date = date.map(|text| moment(&text, zone)).transpose()?;
    Ok(Standing {
        is_draft,
        visibility,
        date,
    })
}

/// The draft of what is named; of the properties that `is_asked` picks, the others stay as they are.
pub(super) fn draft(
    properties: &Properties,
    ground: Ground<'_>,
    language: &Language,
    is_asked: impl Fn(&str) -> bool,
) -> Result<Draft, Error> {
    let mut draft = Draft::default();
    if is_asked("name") {
        let name = word(properties, "name")?.unwrap_or_default();
        let title = Title::parse(&name).map_err(|error| Error::invalid("name", error))?;
        draft.title = Some(title);
    }
    if is_asked("summary") {
        draft.excerpt = Some(word(properties, "summary")?);
    }
    if is_asked("category") {
        let names = values(properties, "category").iter().map(|value| {
            let name = value.as_str().unwrap_or_default();
            Name::parse(name).map_err(|error| Error::invalid("category", error))
        });
        draft.tags = Some(names.collect::<Result<_, _>>()?);
    }
    if is_asked("featured") {
        let cover = values(properties, "featured").first();
        let cover = cover.map(|value| {
            let (url, alt) = wording::file("featured", value, ground)?;
            let url = WebAddress::parse(&url).map_err(|error| Error::invalid("featured", error))?;
            Ok::<_, Error>(Cover { url, alt })
        });
        draft.cover = Some(cover.transpose()?);
    }
    for property in ["mp-slug", "slug"] {
        let wished = word(properties, property)?.filter(|_| is_asked(property));
        if let Some(wished) = wished.filter(|wished| !wished.trim().is_empty()) {
            // A wish, so what an address cannot have is left out.
            let usual = || Slug::from_title(&wished, language, "post");
            draft.slug = Some(Slug::parse(&wished).unwrap_or_else(|_| usual()));
            break;
        }
    }
    Ok(draft)
}

/// The first value of a property, which is a string.
fn word(properties: &Properties, property: &'static str) -> Result<Option<String>, Error> {
    match values(properties, property).first() {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Error::invalid(property, "Send a string")),
    }
}

/// A moment as programs write them: with an offset, or in the site's time zone, or only a day.
fn moment(text: &str, zone: &TimeZone) -> Result<Timestamp, Error> {
    let text = text.trim();
    let known = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let local = match text.parse::<civil::DateTime>() {
            Ok(local) => local,
            Err(_) => text.parse::<civil::Date>().ok()?.into(),
        };
        local
            .to_zoned(zone.clone())
            .ok()
            .map(|zoned| zoned.timestamp())
    });
    let known = known.ok_or_else(|| {
        Error::invalid("published", "Write a time like 2027-01-31T08:00:00+01:00")
    })?;
    Ok(Timestamp::from_micros(known.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn properties(value: Value) -> Properties {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn moments_are_read_as_programs_write_them() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        for (text, seconds) in [
            ("2017-05-31T12:03:36-07:00", 1_496_257_416),
            ("2017-05-31T12:03:36-0700", 1_496_257_416),
            ("2017-05-31T19:03:36Z", 1_496_257_416),
            ("2017-05-31T21:03:36", 1_496_257_416),
            ("2017-05-31 21:03", 1_496_257_380),
            ("2017-05-31", 1_496_181_600),
        ] {
            assert_eq!(moment(text, &zone).unwrap().as_seconds(), seconds, "{text}");
        }
        for bad in ["", "tomorrow", "2017-13-01"] {
            assert!(moment(bad, &zone).is_err(), "{bad}");
        }
    }

    #[test]
    fn where_it_stands_is_said_in_few_words() {
        let read = |value| standing(&properties(value), &TimeZone::UTC);
        assert_eq!(read(json!({})).unwrap(), Standing::default());
        let asked = json!({ "post-status": ["draft"], "visibility": ["private"] });
        let found = read(asked).unwrap();
        assert!(found.is_draft && found.visibility == Visibility::Private);
        for wrong in [
            json!({ "post-status": ["deleted"] }),
            json!({ "visibility": ["friends"] }),
            json!({ "visibility": [7] }),
            json!({ "published": ["soon"] }),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_no_address_can_have_is_left_out_of_a_wish() {
        let ground = Ground {
            base_url: "",
            language: &Language::default(),
            writing: crate::domain::entry::Writing::Plain,
        };
        let made = |slug: &str| {
            let sent = properties(json!({ "mp-slug": [slug] }));
            let draft = draft(&sent, ground, &Language::default(), |_| true).unwrap();
            draft.slug.map(|slug| slug.to_string())
        };
        assert_eq!(made("a-b").as_deref(), Some("a-b"));
        assert_eq!(made("Äpfel & Birnen").as_deref(), Some("apfel-birnen"));
        assert_eq!(made(" "), None);
    }
}
