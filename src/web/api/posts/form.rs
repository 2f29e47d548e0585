//! What may be sent of a post: to make one, and to change one.

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::app;
use crate::app::posts::{Draft, Release};
use crate::domain::language::Language;
use crate::domain::post::{Cover, Kind, MAX_AUTHORS, MAX_TAGS, Status};
use crate::domain::slug::Slug;
use crate::domain::text::{MAX_NAME_CHARS, MAX_TITLE_CHARS, Name, Title, WebAddress};

use super::super::body::{Form, given, present};
use super::super::check::Check;
use super::super::moment::Moment;
use super::super::words;

/// What may stand in a text that says something about a post.
const MAX_WORDS_CHARS: usize = 10_000;
/// What may stand in the head or the foot of a page.
const MAX_CODE_CHARS: usize = 100_000;

/// What may be said of a post, new or not: [`NewPost`] and [`PostChange`] each describe a part of it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct PostForm {
    /// `post` or `page`; a post without it.
    #[schema(schema_with = words::kind)]
    #[serde(default, deserialize_with = "present")]
    pub(super) kind: Option<Kind>,
    /// Where it goes at once; without it, it is a draft.
    #[schema(schema_with = words::first_status)]
    #[serde(default, deserialize_with = "present")]
    pub(super) status: Option<Status>,
    /// When it is to be published; with `status` left out, `scheduled` or `published`.
    #[schema(value_type = Moment, required = false)]
    #[serde(default, deserialize_with = "present")]
    pub(super) publish_at: Option<Moment>,
    /// The version the change was made to. If the post has been changed since, nothing is done, and the answer is 409.
    /// `If-Match` does the same for every change.
    #[schema(value_type = i64, required = false)]
    #[serde(default, deserialize_with = "present")]
    pub(super) version: Option<i64>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 300)]
    title: Option<Option<String>>,
    /// Its name in addresses: small letters, numbers and hyphens. If it is taken, a number comes behind it. A new post
    /// without one gets it from its title.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 180)]
    #[serde(default, deserialize_with = "present")]
    slug: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 2_097_152)]
    markdown: Option<Option<String>>,
    /// Names of tags, in their order; those that are not there yet are made. Tags as answers show them do, too.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = tags_schema)]
    tags: Option<Option<Vec<Named>>>,
    /// Who wrote it: their names in addresses. Authors as answers show them do, too.
    #[schema(schema_with = authors_schema)]
    #[serde(default, deserialize_with = "present")]
    authors: Option<Vec<Slugged>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>)]
    featured: Option<Option<bool>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 10_000)]
    excerpt: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<CoverForm>)]
    cover: Option<Option<CoverForm>>,
    /// A language tag, such as `en` or `pt-BR`. `null`: the site's language.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = words::maybe_language)]
    language: Option<Option<String>>,
    /// Where it was first, if not here.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = words::maybe_address)]
    canonical_url: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 10_000)]
    meta_title: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 10_000)]
    meta_description: Option<Option<String>>,
    /// HTML for the head of its page. Needs the scope `admin`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 100_000)]
    code_head: Option<Option<String>>,
    /// HTML for the foot of its page. Needs the scope `admin`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 100_000)]
    code_foot: Option<Option<String>>,
    /// When it was published, if that is some time ago.
    #[schema(value_type = Moment, required = false)]
    #[serde(default, deserialize_with = "present")]
    published_at: Option<Moment>,
}

/// A post that is to be made.
#[derive(Debug)]
pub(in crate::web) struct NewPost;

impl PartialSchema for NewPost {
    fn schema() -> RefOr<Schema> {
        let example = serde_json::json!({
            "title": "Plain files", "markdown": "They outlive *programs*.", "tags": ["Writing"],
            "status": "published"
        });
        without(
            &["version"],
            "A post that is to be made. Every field may be left out.",
            example,
        )
    }
}

impl ToSchema for NewPost {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        PostForm::schemas(schemas);
    }
}

/// What is to become of a post.
#[derive(Debug)]
pub(in crate::web) struct PostChange;

impl PartialSchema for PostChange {
    fn schema() -> RefOr<Schema> {
        let example = serde_json::json!({ "title": "Plain files", "excerpt": null });
        without(
            &["kind", "status", "publish_at"],
            "What is to become of a post. A field left out stays as it is, `null` empties it.",
            example,
        )
    }
}

impl ToSchema for PostChange {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        PostForm::schemas(schemas);
    }
}

fn without(fields: &[&str], description: &str, example: serde_json::Value) -> RefOr<Schema> {
    let mut schema = PostForm::schema();
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        for field in fields {
            object.properties.remove(*field);
        }
        object.description = Some(description.to_owned());
        object.examples = vec![example];
    }
    schema
}

impl Form for PostForm {
    const FIELDS: &'static [&'static str] = &[
        "kind",
        "status",
        "publish_at",
        "version",
        "title",
        "slug",
        "markdown",
        "tags",
        "authors",
        "featured",
        "excerpt",
        "cover",
        "language",
        "canonical_url",
        "meta_title",
        "meta_description",
        "code_head",
        "code_foot",
        "published_at",
    ];
    const MAY_BE_EMPTY: bool = false;
}

/// A picture that stands for the post.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CoverChange)]
struct CoverForm {
    /// An address on the web, or a path of this site beginning with `/`. Left out, the picture stays.
    #[schema(schema_with = words::address, required = false)]
    #[serde(default, deserialize_with = "present")]
    url: Option<String>,
    /// What it shows, for those who do not see it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 10_000)]
    alt: Option<Option<String>>,
}

/// A name, or something that has one: what an answer shows can be sent back.
#[derive(Debug)]
struct Named(String);
/// A name in addresses, or something that has one.
#[derive(Debug)]
struct Slugged(String);

/// Reads a text, or that field of an object.
struct TextOr(&'static str);

impl<'de> Visitor<'de> for TextOr {
    type Value = String;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a text, or an object with “{}”", self.0)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut fields: A) -> Result<String, A::Error> {
        let mut found = None;
        while let Some(name) = fields.next_key::<String>()? {
            if name == self.0 {
                found = Some(fields.next_value()?);
            } else {
                fields.next_value::<de::IgnoredAny>()?;
            }
        }
        found.ok_or_else(|| de::Error::missing_field(self.0))
    }
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(TextOr("name")).map(Self)
    }
}

impl<'de> Deserialize<'de> for Slugged {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(TextOr("slug")).map(Self)
    }
}

fn text_or(field: &str, max_length: usize) -> OneOfBuilder {
    let text = || {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(max_length))
    };
    let thing = ObjectBuilder::new()
        .schema_type(Type::Object)
        .property(field, text())
        .required(field);
    OneOfBuilder::new().item(text()).item(thing)
}

fn tags_schema() -> RefOr<Schema> {
    let list = ArrayBuilder::new()
        .items(text_or("name", MAX_NAME_CHARS))
        .max_items(Some(MAX_TAGS));
    let nothing = ObjectBuilder::new().schema_type(Type::Null);
    OneOfBuilder::new().item(list).item(nothing).into()
}

fn authors_schema() -> RefOr<Schema> {
    ArrayBuilder::new()
        .items(text_or("slug", crate::domain::slug::MAX_SLUG_BYTES))
        .min_items(Some(1))
        .max_items(Some(MAX_AUTHORS))
        .into()
}

impl PostForm {
    /// What is written, each field checked. What may only be said of a new post is left aside.
    pub(super) fn into_draft(self) -> Result<Draft, app::Error> {
        let mut check = Check::default();
        let title = self.title.map(Option::unwrap_or_default);
        let tags = self.tags.map(Option::unwrap_or_default);
        let (cover, cover_alt) = self
            .cover
            .map_or((None, None), |form| cover(&mut check, form));
        let draft = Draft {
            title: title
                .filter(|text| check.short("title", text, MAX_TITLE_CHARS))
                .and_then(|text| check.take("title", Title::parse(&text))),
            slug: self
                .slug
                .and_then(|text| check.take("slug", Slug::parse(&text))),
            markdown: self.markdown.map(Option::unwrap_or_default),
            tags: tags.map(|names| {
                let names = names.iter();
                names
                    .filter_map(|Named(name)| {
                        let is_short = check.short("tags", name, MAX_NAME_CHARS);
                        if is_short {
                            check.take("tags", Name::parse(name))
                        } else {
                            None
                        }
                    })
                    .collect()
            }),
            authors: self.authors.map(|slugs| {
                let slugs = slugs.iter();
                slugs
                    .filter_map(|Slugged(slug)| check.take("authors", Slug::parse(slug)))
                    .collect()
            }),
            language: self
                .language
                .map(|tag| tag.and_then(|tag| check.take("language", Language::parse(&tag)))),
            canonical_url: self.canonical_url.map(|url| {
                url.and_then(|url| check.take("canonical_url", WebAddress::parse(&url)))
            }),
            cover,
            cover_alt,
            excerpt: within(&mut check, "excerpt", MAX_WORDS_CHARS, self.excerpt),
            meta_title: within(&mut check, "meta_title", MAX_WORDS_CHARS, self.meta_title),
            meta_description: within(
                &mut check,
                "meta_description",
                MAX_WORDS_CHARS,
                self.meta_description,
            ),
            code_head: within(&mut check, "code_head", MAX_CODE_CHARS, self.code_head),
            code_foot: within(&mut check, "code_foot", MAX_CODE_CHARS, self.code_foot),
            featured: self.featured.map(Option::unwrap_or_default),
            published_at: self.published_at.map(|Moment(time)| time),
        };
        check.done(draft)
    }

    /// Refuses what may only be said of a new post.
    pub(super) fn require_change_only(&self) -> Result<(), app::Error> {
        let mut check = Check::default();
        if self.kind.is_some() {
            check.refuse("kind", "It stays what it was made as");
        }
        if self.status.is_some() {
            check.refuse(
                "status",
                "Change it with publish, unpublish, trash or restore",
            );
        }
        if self.publish_at.is_some() {
            check.refuse("publish_at", "Schedule it with publish");
        }
        check.done(())
    }
}

/// A text within its length.
fn within(
    check: &mut Check,
    field: &'static str,
    max_chars: usize,
    text: Option<Option<String>>,
) -> Option<Option<String>> {
    if let Some(Some(text)) = &text {
        check.short(field, text, max_chars);
    }
    text
}

/// Another cover, and other words for the one that is there.
fn cover(check: &mut Check, form: Option<CoverForm>) -> (Option<Option<Cover>>, Option<String>) {
    let Some(CoverForm { url, alt }) = form else {
        return (Some(None), None);
    };
    let alt = within(check, "cover", MAX_WORDS_CHARS, alt).map(Option::unwrap_or_default);
    match url {
        None => (None, alt),
        Some(url) => {
            let url = check.take("cover", WebAddress::parse(&url));
            let alt = alt.unwrap_or_default();
            (url.map(|url| Some(Cover { url, alt })), None)
        }
    }
}

/// Where a post is to be put.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Release, example = json!({ "publish_at": "2027-01-31T08:00:00Z" }))]
pub(in crate::web) struct ReleaseForm {
    /// `published` without it.
    #[schema(schema_with = words::release)]
    #[serde(default, deserialize_with = "present")]
    pub(super) status: Option<Status>,
    /// When; at once without it. A time that has passed is the date of the post.
    #[schema(value_type = Moment, required = false)]
    #[serde(default, deserialize_with = "present")]
    pub(super) publish_at: Option<Moment>,
}

impl Form for ReleaseForm {
    const FIELDS: &'static [&'static str] = &["status", "publish_at"];
    const MAY_BE_EMPTY: bool = true;
}

/// Where a post goes; `None`: it stays a draft.
pub(super) fn release(
    status: Option<Status>,
    at: Option<Moment>,
) -> Result<Option<Release>, app::Error> {
    let at = at.map(|Moment(time)| time);
    Ok(match (status, at) {
        (None | Some(Status::Draft), None) => None,
        (Some(Status::Published), None) => Some(Release::Now),
        (None | Some(Status::Published | Status::Scheduled), Some(at)) => Some(Release::At(at)),
        (Some(Status::Scheduled), None) => {
            return Err(app::Error::invalid(
                "publish_at",
                "Say when it is to be published",
            ));
        }
        (Some(Status::Unlisted), None) => Some(Release::Unlisted),
        (Some(Status::Private), None) => Some(Release::Private),
        (Some(Status::Trashed), _) => {
            return Err(app::Error::invalid(
                "status",
                "A new post cannot begin in the trash",
            ));
        }
        (Some(_), Some(_)) => {
            return Err(app::Error::invalid(
                "publish_at",
                "Only what is to be published has a time",
            ));
        }
    })
}
