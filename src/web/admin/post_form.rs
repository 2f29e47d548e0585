//! The editor's form: the fields as they were typed, and what they mean. Everything is text, so
//! that whatever was typed can be shown again.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::app::posts::{Draft, Editing, Intent, Release, Seen, Written};
use crate::app::{self, FieldError};
use crate::domain::language::Language;
use crate::domain::post::{Cover, Kind, Status};
use crate::domain::slug::Slug;
use crate::domain::text::{Name, Title, WebAddress};
use crate::domain::time::Timestamp;

/// The fields that show their own errors, as they stand in the form.
pub(super) const FIELDS: [&str; 22] = [
    "email",
    "password",
    "code",
    "kind",
    "title",
    "markdown",
    "slug",
    "date",
    "schedule",
    "tags",
    "authors",
    "excerpt",
    "cover",
    "cover_alt",
    "visibility",
    "language",
    "featured",
    "canonical",
    "meta_title",
    "meta_description",
    "code_head",
    "code_foot",
];
/// As browsers write moments in forms.
const MOMENT: &str = "%Y-%m-%dT%H:%M:%S";

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::web) struct PostForm {
    /// Of the post that is to be shown, where only that is asked for.
    #[serde(skip_serializing)]
    pub(super) id: String,
    pub(super) kind: String,
    title: String,
    slug: String,
    markdown: String,
    tags: String,
    excerpt: String,
    language: String,
    #[serde(flatten)]
    more: More,
    /// What the writer had before them: see `Seen`.
    version: String,
    pending: String,
    /// Not empty once the writer has seen what somebody else saved meanwhile.
    on_top: String,
    pub(super) intent: String,
    /// For those whose session has ended while they wrote.
    pub(super) email: String,
    #[serde(skip_serializing)]
    pub(super) password: String,
    #[serde(skip_serializing)]
    pub(super) code: String,
}

/// What a form may leave out: then it stays as it is. Only those who may set code get its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct More {
    /// Names in addresses, with commas between them.
    authors: Option<String>,
    cover: Option<String>,
    cover_alt: Option<String>,
    visibility: Option<String>,
    /// When it was published, in the site's time zone.
    date: Option<String>,
    /// When it is to be published; empty means at once.
    schedule: Option<String>,
    /// A box that is not ticked is not sent: see `visibility`, which always is.
    featured: Option<String>,
    canonical: Option<String>,
    meta_title: Option<String>,
    meta_description: Option<String>,
    code_head: Option<String>,
    code_foot: Option<String>,
}

impl More {
    fn of(editing: &Editing, zone: &TimeZone) -> Self {
        let (post, content) = (&editing.post, &editing.content);
        let text = |text: &Option<String>| Some(text.clone().unwrap_or_default());
        let moment = |time: Option<Timestamp>| {
            Some(
                time.and_then(|time| write_moment(time, zone))
                    .unwrap_or_default(),
            )
        };
        let visibility = match post.status {
            Status::Unlisted | Status::Private => post.status,
            _ => Status::Published,
        };
        let cover = content.cover.as_ref();
        let may_inject = editing.rights.inject_code;
        Self {
            authors: Some(write_list(editing.authors.iter().map(Slug::as_str))),
            cover: Some(cover.map(|cover| cover.url.to_string()).unwrap_or_default()),
            cover_alt: Some(cover.map(|cover| cover.alt.clone()).unwrap_or_default()),
            visibility: Some(visibility.as_str().to_owned()),
            date: moment(post.published_at),
            schedule: moment(post.publish_at),
            featured: content.featured.then(|| "yes".to_owned()),
            canonical: Some(
                content
                    .canonical_url
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            ),
            meta_title: text(&content.meta_title),
            meta_description: text(&content.meta_description),
            code_head: text(&content.code_head).filter(|_| may_inject),
            code_foot: text(&content.code_foot).filter(|_| may_inject),
        }
    }

    /// Lays what was typed over the draft.
    fn read(&self, wrong: &mut Vec<FieldError>, draft: &mut Draft, zone: &TimeZone) {
        if let Some(authors) = self
            .authors
            .as_deref()
            .filter(|text| !text.trim().is_empty())
        {
            let slugs = read_list(authors);
            let slugs = slugs.iter();
            let slugs = slugs.filter_map(|slug| check(wrong, "authors", Slug::parse(slug)));
            draft.authors = Some(slugs.collect());
        }
        if let Some(url) = self.cover.as_deref() {
            let alt = self.cover_alt.as_deref().unwrap_or_default().trim();
            draft.cover = match url.trim() {
                "" => Some(None),
                url => check(wrong, "cover", WebAddress::parse(url)).map(|url| {
                    let alt = alt.to_owned();
                    Some(Cover { url, alt })
                }),
            };
        }
        if let Some(url) = self.canonical.as_deref() {
            draft.canonical_url = match url.trim() {
                "" => Some(None),
                url => check(wrong, "canonical", WebAddress::parse(url)).map(Some),
            };
        }
        if let Some(date) = given(self.date.as_deref()) {
            draft.published_at = check(wrong, "date", read_moment(date, zone));
        }
        if self.visibility.is_some() {
            draft.featured = Some(self.featured.is_some());
        }
        draft.meta_title = self.meta_title.clone().map(Some);
        draft.meta_description = self.meta_description.clone().map(Some);
        draft.code_head = self.code_head.clone().map(Some);
        draft.code_foot = self.code_foot.clone().map(Some);
    }

    /// Not everybody is to read it.
    fn is_for_some(&self) -> bool {
        matches!(self.visibility.as_deref(), Some("unlisted" | "private"))
    }

    /// Where the post is to stand.
    fn release(&self, wrong: &mut Vec<FieldError>) -> Option<Release> {
        match self.visibility.as_deref() {
            None | Some("" | "published") => Some(Release::Now),
            Some("unlisted") => Some(Release::Unlisted),
            Some("private") => Some(Release::Private),
            Some(_) => {
                let message =
                    "Choose who may read it: everybody, whoever has the link, or those signed in";
                check::<Release, _>(wrong, "visibility", Err(message))
            }
        }
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn write_moment(time: Timestamp, zone: &TimeZone) -> Option<String> {
    let moment = jiff::Timestamp::from_microsecond(time.as_micros()).ok()?;
    Some(moment.to_zoned(zone.clone()).strftime(MOMENT).to_string())
}

fn read_moment(text: &str, zone: &TimeZone) -> Result<Timestamp, &'static str> {
    let wrong = "Write a date and a time like 2027-01-31T08:00";
    let moment: DateTime = text.parse().map_err(|_| wrong)?;
    let moment = moment.to_zoned(zone.clone()).map_err(|_| wrong)?;
    Ok(Timestamp::from_micros(moment.timestamp().as_microsecond()))
}

impl PostForm {
    pub(super) fn blank(kind: Kind) -> Self {
        Self {
            kind: kind.as_str().to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn of(editing: &Editing, zone: &TimeZone) -> Self {
        let content = &editing.content;
        let mut form = Self {
            title: content.title.as_str().to_owned(),
            slug: content.slug.as_str().to_owned(),
            markdown: content.markdown.clone(),
            tags: write_list(editing.tags.iter().map(Name::as_str)),
            excerpt: content.excerpt.clone().unwrap_or_default(),
            language: content
                .language
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            more: More::of(editing, zone),
            ..Self::blank(editing.post.kind)
        };
        form.see(editing.seen);
        form
    }

    /// Browsers send every line's end as two characters.
    pub(super) fn with_plain_line_ends(mut self) -> Self {
        let more = &mut self.more;
        let others = [
            &mut more.meta_description,
            &mut more.code_head,
            &mut more.code_foot,
        ];
        let own = [&mut self.markdown, &mut self.excerpt].into_iter();
        for text in own.chain(others.into_iter().flatten()) {
            if text.contains('\r') {
                *text = text.replace("\r\n", "\n").replace('\r', "\n");
            }
        }
        self
    }

    fn see(&mut self, seen: Seen) {
        self.version = seen.version.to_string();
        self.pending = seen.pending.to_string();
    }

    /// The writer has another's version before them from now on, and writes on top of it.
    pub(super) fn see_other(&mut self, seen: Seen) {
        self.see(seen);
        "yes".clone_into(&mut self.on_top);
    }

    /// What is not a number was never seen.
    pub(super) fn seen(&self) -> Seen {
        Seen {
            version: self.version.parse().unwrap_or(-1),
            pending: self.pending.parse().unwrap_or(-1),
        }
    }

    pub(super) fn kind(&self) -> Kind {
        Kind::parse(&self.kind).unwrap_or(Kind::Post)
    }

    /// A form without a button's word, as the Enter key may send it, is kept and no more.
    fn read_intent(&self, wrong: &mut Vec<FieldError>, zone: &TimeZone) -> Option<Intent> {
        let schedule = given(self.more.schedule.as_deref());
        Some(match (self.intent.as_str(), schedule) {
            ("update", _) => Intent::Update(
                self.more
                    .visibility
                    .as_ref()
                    .and_then(|_| self.more.release(wrong)),
            ),
            ("publish" | "schedule", Some(_)) if self.more.is_for_some() => {
                let message =
                    "What is scheduled is for everybody; empty the schedule, or choose everybody";
                return check(wrong, "visibility", Err(message));
            }
            ("publish" | "schedule", Some(time)) => {
                let time = check(wrong, "schedule", read_moment(time, zone))?;
                Intent::Release(Release::At(time))
            }
            ("schedule", None) => {
                let message = "Say when it is to be published";
                return check(wrong, "schedule", Err(message));
            }
            ("publish", None) => Intent::Release(self.more.release(wrong)?),
            ("publish-now", _) => Intent::Release(Release::Now),
            ("unpublish", _) => Intent::Unpublish,
            ("trash", _) => Intent::Trash,
            ("restore", _) => Intent::Restore,
            _ => Intent::Keep,
        })
    }

    /// The form with nothing in it that keeps it from being looked at.
    pub(super) fn for_preview(&self) -> Self {
        let mut form = self.clone();
        "keep".clone_into(&mut form.intent);
        form.more.date = None;
        if Slug::parse(form.slug.trim()).is_err() {
            form.slug.clear();
        }
        form
    }

    /// Nothing more is asked than to keep what was written.
    pub(super) fn is_kept(&self) -> bool {
        matches!(self.intent.as_str(), "" | "keep")
    }

    pub(super) fn signs_in(&self) -> bool {
        !self.password.is_empty()
    }

    /// What was typed and what is to become of it, each field checked; says everything that is wrong at
    /// once.
    pub(super) fn read(
        &self,
        is_new: bool,
        zone: &TimeZone,
    ) -> Result<(Draft, Intent), app::Error> {
        let mut wrong = Vec::new();
        let intent = self.read_intent(&mut wrong, zone);
        let title = check(&mut wrong, "title", Title::parse(&self.title));
        let language = match self.language.trim() {
            "" => Some(None),
            tag => check(&mut wrong, "language", Language::parse(tag)).map(Some),
        };
        let slug = match self.slug.trim() {
            // A new post gets one by itself.
            "" if is_new => None,
            "" => {
                let language = language.clone().flatten().unwrap_or_default();
                let title = title.as_ref().map(Title::as_str).unwrap_or_default();
                Some(Slug::from_title(title, &language, self.kind().as_str()))
            }
            slug => check(&mut wrong, "slug", Slug::parse(slug)),
        };
        let names = read_list(&self.tags);
        let names = names.iter();
        let tags = names
            .filter_map(|name| check(&mut wrong, "tags", Name::parse(name)))
            .collect();
        let mut draft = Draft {
            title,
            slug,
            markdown: Some(self.markdown.clone()),
            excerpt: Some(Some(self.excerpt.clone()).filter(|text| !text.trim().is_empty())),
            tags: Some(tags),
            language,
            ..Draft::default()
        };
        self.more.read(&mut wrong, &mut draft, zone);
        match intent {
            Some(intent) if wrong.is_empty() => Ok((draft, intent)),
            _ => {
                wrong.sort_by_key(|error| FIELDS.iter().position(|field| *field == error.field));
                Err(app::Error::Invalid(wrong))
            }
        }
    }

    /// The form of a post that is there, as `app` takes it.
    pub(super) fn written(&self, zone: &TimeZone) -> Result<Written, app::Error> {
        let (draft, intent) = self.read(false, zone)?;
        Ok(Written {
            draft,
            intent,
            seen: self.seen(),
            is_on_top: !self.on_top.is_empty(),
        })
    }

    /// The fields in which two forms differ, with the other's content: what to call the field, the
    /// text, and whether it is long.
    pub(super) fn differences<'a>(&'a self, other: &'a Self) -> Vec<Difference<'a>> {
        let (ours, theirs) = (&self.more, &other.more);
        let fields = [
            ("title", "Title", &self.title, &other.title, false),
            ("markdown", "Text", &self.markdown, &other.markdown, true),
            ("tags", "Tags", &self.tags, &other.tags, false),
            ("excerpt", "Excerpt", &self.excerpt, &other.excerpt, true),
            ("slug", "Address", &self.slug, &other.slug, false),
            (
                "language",
                "Language",
                &self.language,
                &other.language,
                false,
            ),
        ];
        let optional = [
            ("authors", "Authors", &ours.authors, &theirs.authors, false),
            ("cover", "Cover", &ours.cover, &theirs.cover, false),
            (
                "cover_alt",
                "Cover, described",
                &ours.cover_alt,
                &theirs.cover_alt,
                false,
            ),
            (
                "canonical",
                "Original at",
                &ours.canonical,
                &theirs.canonical,
                false,
            ),
            (
                "meta_title",
                "Title for search engines",
                &ours.meta_title,
                &theirs.meta_title,
                false,
            ),
            (
                "meta_description",
                "Description for search engines",
                &ours.meta_description,
                &theirs.meta_description,
                true,
            ),
            (
                "code_head",
                "Code in the head",
                &ours.code_head,
                &theirs.code_head,
                true,
            ),
            (
                "code_foot",
                "Code in the foot",
                &ours.code_foot,
                &theirs.code_foot,
                true,
            ),
        ];
        let given = optional
            .iter()
            .filter_map(|(field, name, ours, theirs, is_long)| {
                Some((*field, *name, ours.as_ref()?, theirs.as_ref()?, *is_long))
            });
        let all = fields.into_iter().chain(given);
        all.filter(|(_, _, ours, theirs, _)| ours != theirs)
            .map(|(field, name, ours, theirs, is_long)| Difference {
                field,
                name,
                ours,
                theirs,
                is_long,
            })
            .collect()
    }
}

/// A field that two forms fill in differently.
#[derive(Debug)]
pub(super) struct Difference<'a> {
    pub(super) field: &'static str,
    pub(super) name: &'static str,
    pub(super) ours: &'a str,
    pub(super) theirs: &'a str,
    pub(super) is_long: bool,
}

fn check<T, E: std::fmt::Display>(
    wrong: &mut Vec<FieldError>,
    field: &'static str,
    parsed: Result<T, E>,
) -> Option<T> {
    let message = match parsed {
        Ok(value) => return Some(value),
        Err(error) => error.to_string(),
    };
    wrong.push(FieldError { field, message });
    None
}

/// Names with commas between them. One that has a comma or a quotation mark of its own stands in
/// quotation marks, with those inside doubled.
fn write_list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let written = names.map(|name| {
        if name.contains([',', '"']) {
            format!("\"{}\"", name.replace('"', "\"\""))
        } else {
            name.to_owned()
        }
    });
    written.collect::<Vec<_>>().join(", ")
}

fn read_list(text: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let Some(name) = names.last_mut() else { break };
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                name.push('"');
            }
            '"' if quoted => quoted = false,
            // Elsewhere in a name it is a mark like any other.
            '"' if name.trim().is_empty() => quoted = true,
            ',' if !quoted => names.push(String::new()),
            other => name.push(other),
        }
    }
    let all = names.iter().map(|name| name.trim());
    all.filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_are_read_as_people_write_them() {
        assert_eq!(read_list(" a,b ,, c d,"), ["a", "b", "c d"]);
        assert_eq!(
            read_list("\"Smith, John\", 12\" discs"),
            ["Smith, John", "12\" discs"]
        );
        assert_eq!(read_list("\"open, end"), ["open, end"]);
        assert!(read_list(" , ,").is_empty());
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let form = PostForm {
            title: "x".repeat(400),
            slug: "Not A Slug".to_owned(),
            language: "klingon language".to_owned(),
            tags: format!("good, {}", "t".repeat(200)),
            ..PostForm::default()
        };
        let Err(app::Error::Invalid(wrong)) = form.read(true, &TimeZone::UTC) else {
            panic!("it was accepted");
        };
        let fields: Vec<_> = wrong.iter().map(|error| error.field).collect();
        assert_eq!(fields, ["title", "slug", "tags", "language"]);
    }

    #[test]
    fn an_emptied_address_is_made_from_the_title() {
        let form = PostForm {
            title: "Über Tinte".to_owned(),
            language: "de".to_owned(),
            markdown: "a\r\nb\rc".to_owned(),
            ..PostForm::default()
        }
        .with_plain_line_ends();
        assert_eq!(form.read(true, &TimeZone::UTC).unwrap().0.slug, None);
        let (draft, _) = form.read(false, &TimeZone::UTC).unwrap();
        assert_eq!(draft.slug.unwrap().as_str(), "ueber-tinte");
        assert_eq!(draft.markdown.unwrap(), "a\nb\nc");
    }

    proptest! {
        #[test]
        fn lists_survive_the_form(names in proptest::collection::vec("[a-c,\" ]{1,8}", 0..5)) {
            let names: Vec<_> = names
                .iter()
                .filter_map(|name| Name::parse(name).ok())
                .collect();
            let read = read_list(&write_list(names.iter().map(Name::as_str)));
            let written: Vec<_> = names.iter().map(|name| name.as_str().to_owned()).collect();
            prop_assert_eq!(read, written);
        }

        #[test]
        fn no_list_makes_it_panic(text in "\\PC{0,40}") {
            read_list(&text);
        }
    }
}
