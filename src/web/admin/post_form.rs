//! The editor's form: the fields as they were typed, and what they mean. Everything is text, so
//! that whatever was typed can be shown again.

use serde::{Deserialize, Serialize};

use crate::app::posts::{Draft, Editing, Intent, Release, Seen, Written};
use crate::app::{self, FieldError};
use crate::domain::language::Language;
use crate::domain::post::Kind;
use crate::domain::slug::Slug;
use crate::domain::text::{Name, Title};

/// The fields that show their own errors, as they stand in the form.
pub(super) const FIELDS: [&str; 10] = [
    "email", "password", "code", "kind", "title", "markdown", "tags", "excerpt", "slug", "language",
];

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::web) struct PostForm {
    pub(super) kind: String,
    title: String,
    slug: String,
    markdown: String,
    tags: String,
    excerpt: String,
    language: String,
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

impl PostForm {
    pub(super) fn blank(kind: Kind) -> Self {
        Self {
            kind: kind.as_str().to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn of(editing: &Editing) -> Self {
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
            ..Self::blank(editing.post.kind)
        };
        form.see(editing.seen);
        form
    }

    /// Browsers send every line's end as two characters.
    pub(super) fn with_plain_line_ends(mut self) -> Self {
        for text in [&mut self.markdown, &mut self.excerpt] {
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
    pub(super) fn intent(&self) -> Intent {
        match self.intent.as_str() {
            "update" => Intent::Update,
            "publish" => Intent::Release(Release::Now),
            "unpublish" => Intent::Unpublish,
            "trash" => Intent::Trash,
            "restore" => Intent::Restore,
            _ => Intent::Keep,
        }
    }

    pub(super) fn signs_in(&self) -> bool {
        !self.password.is_empty()
    }

    /// What was typed, each field checked; says everything that is wrong at once.
    pub(super) fn draft(&self, is_new: bool) -> Result<Draft, app::Error> {
        let mut wrong = Vec::new();
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
        if !wrong.is_empty() {
            wrong.sort_by_key(|error| FIELDS.iter().position(|field| *field == error.field));
            return Err(app::Error::Invalid(wrong));
        }
        Ok(Draft {
            title,
            slug,
            markdown: Some(self.markdown.clone()),
            excerpt: Some(Some(self.excerpt.clone()).filter(|text| !text.trim().is_empty())),
            tags: Some(tags),
            language,
            ..Draft::default()
        })
    }

    /// The form of a post that is there, as `app` takes it.
    pub(super) fn written(&self) -> Result<Written, app::Error> {
        Ok(Written {
            draft: self.draft(false)?,
            intent: self.intent(),
            seen: self.seen(),
            is_on_top: !self.on_top.is_empty(),
        })
    }

    /// The fields in which two forms differ, with the other's content: what to call the field, the
    /// text, and whether it is long.
    pub(super) fn differences<'a>(&self, other: &'a Self) -> Vec<(&'static str, &'a str, bool)> {
        let fields = [
            ("Title", &self.title, &other.title, false),
            ("Text", &self.markdown, &other.markdown, true),
            ("Tags", &self.tags, &other.tags, false),
            ("Excerpt", &self.excerpt, &other.excerpt, true),
            ("Address", &self.slug, &other.slug, false),
            ("Language", &self.language, &other.language, false),
        ];
        let differing = fields
            .into_iter()
            .filter(|(_, ours, theirs, _)| ours != theirs);
        differing
            .map(|(name, _, theirs, is_long)| (name, theirs.as_str(), is_long))
            .collect()
    }
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
        let Err(app::Error::Invalid(wrong)) = form.draft(true) else {
            panic!("it was accepted");
        };
        let fields: Vec<_> = wrong.iter().map(|error| error.field).collect();
        assert_eq!(fields, ["title", "tags", "slug", "language"]);
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
        assert_eq!(form.draft(true).unwrap().slug, None);
        let draft = form.draft(false).unwrap();
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
