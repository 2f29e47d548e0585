//! What is wrong with a theme, told so that its author can mend it: file, line, the lines around it.

use std::error::Error as _;

use serde::Serialize;

use crate::domain::appearance::ThemeName;

use super::Theme;

const LINES_AROUND: usize = 3;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    pub theme: ThemeName,
    /// `post.html`; empty where it is about the theme as a whole.
    pub file: String,
    pub line: Option<usize>,
    pub message: String,
    pub excerpt: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    pub number: usize,
    pub text: String,
    pub is_meant: bool,
}

impl Fault {
    pub(super) fn of_theme(theme: &ThemeName, message: &str) -> Self {
        Self::of_file(theme, "", message)
    }

    pub(super) fn of_file(theme: &ThemeName, file: &str, message: &str) -> Self {
        Self {
            theme: theme.clone(),
            file: file.to_owned(),
            line: None,
            message: message.to_owned(),
            excerpt: Vec::new(),
        }
    }

    pub(super) fn of_template(theme: &Theme, asked: &str, error: &minijinja::Error) -> Self {
        // The innermost error that knows its place is nearest to the mistake.
        let mut place = error;
        let mut message = describe(error);
        let mut cause = error.source();
        while let Some(inner) = cause {
            if let Some(inner) = inner.downcast_ref::<minijinja::Error>() {
                if inner.line().is_some() {
                    place = inner;
                }
                message = describe(inner);
            }
            cause = inner.source();
        }
        let file = place.name().unwrap_or(asked);
        let source = theme.template(file).unwrap_or_default();
        Self {
            theme: theme.name().clone(),
            file: file.to_owned(),
            line: place.line(),
            message,
            excerpt: place
                .line()
                .map_or_else(Vec::new, |line| around(source, line)),
        }
    }
}

fn describe(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}

fn around(source: &str, line: usize) -> Vec<Line> {
    let first = line.saturating_sub(LINES_AROUND).max(1);
    let lines = source.lines().enumerate().skip(first - 1);
    lines
        .take(line - first + 1 + LINES_AROUND)
        .map(|(index, text)| Line {
            number: index + 1,
            text: text.to_owned(),
            is_meant: index + 1 == line,
        })
        .collect()
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.file.as_str(), self.line) {
            ("", _) => write!(f, "{}: {}", self.theme, self.message),
            (file, None) => write!(f, "{}/{file}: {}", self.theme, self.message),
            (file, Some(line)) => write!(f, "{}/{file}:{line}: {}", self.theme, self.message),
        }
    }
}

impl std::error::Error for Fault {}
