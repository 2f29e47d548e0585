//! Between the settings and the fields of the appearance form: links as lines, choices as words. Must
//! not know who fills it in.

use std::collections::BTreeMap;

use crate::app::{self, FieldError};
use crate::domain::appearance::{Colour, FontStack, Link, ThemeName};
use crate::domain::language::Language;
use crate::domain::settings::Settings;
use crate::domain::text::{Name, Title, WebAddress};

/// What the form holds, by the names of its inputs.
pub(super) type Fields = BTreeMap<String, String>;

/// Between what a link is called and where it leads.
const BETWEEN: char = '|';
const ON: &str = "on";

/// The form as the settings fill it.
pub(super) fn filled(settings: &Settings) -> Fields {
    let opt = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let flag = |is_on: bool| if is_on { ON.to_owned() } else { String::new() };
    let pairs = [
        ("title", settings.title.as_str().to_owned()),
        ("description", settings.description.clone()),
        ("language", settings.language.as_str().to_owned()),
        ("time_zone", settings.time_zone.clone()),
        ("posts_per_page", settings.posts_per_page.to_string()),
        ("smart_punctuation", flag(settings.smart_punctuation)),
        ("theme", settings.theme.to_string()),
        ("accent", opt(settings.accent.as_ref().map(Colour::as_str))),
        ("font_text", settings.font_text.to_string()),
        ("font_headings", settings.font_headings.to_string()),
        ("logo", opt(settings.logo.as_ref().map(WebAddress::as_str))),
        (
            "cover",
            opt(settings.cover.as_ref().map(WebAddress::as_str)),
        ),
        ("navigation", lines(&settings.navigation)),
        ("footer_links", lines(&settings.footer_links)),
        ("social_links", lines(&settings.social_links)),
        ("safe_mode", flag(settings.safe_mode)),
        ("custom_css", settings.custom_css.clone()),
        ("code_head", settings.code_head.clone()),
        ("code_foot", settings.code_foot.clone()),
        ("robots_txt", opt(settings.robots_txt.as_deref())),
        (
            "websub_hub",
            opt(settings.websub_hub.as_ref().map(WebAddress::as_str)),
        ),
        ("markdown_pages", flag(settings.markdown_pages)),
        ("llms_txt", flag(settings.llms_txt)),
        (
            "security_contact",
            opt(settings.security_contact.as_deref()),
        ),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}

fn lines(links: &[Link]) -> String {
    let line = |link: &Link| format!("{} {BETWEEN} {}", link.label, link.url);
    links.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The settings as the form has them; every mistake at once. What the form does not have stays as it
/// was `before`.
pub(super) fn taken(fields: &Fields, before: &Settings) -> Result<Settings, app::Error> {
    let mut reading = Reading {
        fields,
        wrong: Vec::new(),
    };
    let settings = Settings {
        title: reading.parsed("title", Title::parse, &before.title),
        description: reading.text("description"),
        language: reading.parsed("language", Language::parse, &before.language),
        time_zone: reading.text("time_zone"),
        posts_per_page: reading.parsed(
            "posts_per_page",
            |text| text.parse().map_err(|_| "Write a whole number"),
            &before.posts_per_page,
        ),
        smart_punctuation: reading.is_on("smart_punctuation"),
        theme: reading.parsed("theme", ThemeName::parse, &before.theme),
        accent: reading.optional("accent", Colour::parse),
        font_text: reading.fonts("font_text"),
        font_headings: reading.fonts("font_headings"),
        logo: reading.optional("logo", WebAddress::parse),
        cover: reading.optional("cover", WebAddress::parse),
        navigation: reading.links("navigation"),
        footer_links: reading.links("footer_links"),
        social_links: reading.links("social_links"),
        safe_mode: reading.is_on("safe_mode"),
        custom_css: reading.text("custom_css"),
        code_head: reading.text("code_head"),
        code_foot: reading.text("code_foot"),
        robots_txt: reading.optional("robots_txt", |text| Ok::<_, &str>(text.to_owned())),
        websub_hub: reading.optional("websub_hub", WebAddress::parse),
        markdown_pages: reading.is_on("markdown_pages"),
        llms_txt: reading.is_on("llms_txt"),
        security_contact: reading
            .optional("security_contact", |text| Ok::<_, &str>(text.to_owned())),
    };
    if reading.wrong.is_empty() {
        Ok(settings)
    } else {
        Err(app::Error::Invalid(reading.wrong))
    }
}

struct Reading<'a> {
    fields: &'a Fields,
    wrong: Vec<FieldError>,
}

impl Reading<'_> {
    /// Browsers end lines with two characters.
    fn typed(&self, field: &str) -> String {
        let text = self.fields.get(field).map(String::as_str);
        let text = text.unwrap_or_default().replace("\r\n", "\n");
        text.replace('\0', "")
    }

    fn text(&self, field: &str) -> String {
        self.typed(field).trim().to_owned()
    }

    fn is_on(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    fn refuse(&mut self, field: &'static str, message: impl std::fmt::Display) {
        let message = message.to_string();
        self.wrong.push(FieldError { field, message });
    }

    fn parsed<T: Clone, E: std::fmt::Display>(
        &mut self,
        field: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
        before: &T,
    ) -> T {
        match parse(&self.text(field)) {
            Ok(value) => value,
            Err(error) => {
                self.refuse(field, error);
                before.clone()
            }
        }
    }

    fn optional<T, E: std::fmt::Display>(
        &mut self,
        field: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(field);
        if text.is_empty() {
            return None;
        }
        parse(&text).map_err(|error| self.refuse(field, error)).ok()
    }

    fn fonts(&mut self, field: &'static str) -> FontStack {
        let parse = |word: &str| FontStack::parse(word).ok_or("Choose one of the list");
        self.parsed(field, parse, &FontStack::Theme)
    }

    fn links(&mut self, field: &'static str) -> Vec<Link> {
        let text = self.typed(field);
        let mut links = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            match link(line) {
                Ok(sound) => links.push(sound),
                Err(why) => self.refuse(field, format_args!("Line {number}: {why}")),
            }
        }
        links
    }
}

fn link(line: &str) -> Result<Link, String> {
    let (label, url) = line
        .rsplit_once(BETWEEN)
        .ok_or_else(|| format!("write “About {BETWEEN} /about”"))?;
    Ok(Link {
        label: Name::parse(label).map_err(|error| error.to_string())?,
        url: WebAddress::parse(url).map_err(|error| error.to_string())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filled_form_says_what_the_settings_are() {
        let settings = Settings {
            navigation: vec![Link {
                label: Name::parse("A | B").unwrap(),
                url: WebAddress::parse("/about").unwrap(),
            }],
            accent: Some(Colour::parse("#123456").unwrap()),
            robots_txt: Some("User-agent: *".to_owned()),
            ..Settings::default()
        };
        let mut fields = filled(&settings);
        fields.retain(|_, value| !value.is_empty());
        assert_eq!(taken(&fields, &Settings::default()).unwrap(), settings);
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let mut fields = filled(&Settings::default());
        for (name, value) in [
            ("accent", "red"),
            ("navigation", "\nAbout"),
            ("posts_per_page", "many"),
        ] {
            fields.insert(name.to_owned(), value.to_owned());
        }
        let Err(app::Error::Invalid(wrong)) = taken(&fields, &Settings::default()) else {
            panic!("it is taken");
        };
        let told: Vec<_> = wrong.iter().map(|error| error.field).collect();
        assert_eq!(told, ["posts_per_page", "accent", "navigation"]);
        assert!(wrong[2].message.starts_with("Line 2: "));
    }
}
