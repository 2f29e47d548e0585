//! Looks at each field of what was sent, and tells everything that is wrong at once.

use crate::app;

#[derive(Debug, Default)]
pub(in crate::web) struct Check(Vec<app::FieldError>);

impl Check {
    /// What was parsed; or `None`, and what is wrong with it is kept.
    pub(in crate::web) fn take<T, E: std::fmt::Display>(
        &mut self,
        field: &'static str,
        parsed: Result<T, E>,
    ) -> Option<T> {
        parsed.map_err(|error| self.refuse(field, error)).ok()
    }

    pub(in crate::web) fn refuse(&mut self, field: &'static str, why: impl std::fmt::Display) {
        self.0.push(app::FieldError {
            field,
            message: why.to_string(),
        });
    }

    /// Whether a text is within the length the description promises.
    pub(in crate::web) fn short(
        &mut self,
        field: &'static str,
        text: &str,
        max_chars: usize,
    ) -> bool {
        let chars = text.chars().count();
        let is_short = chars <= max_chars;
        if !is_short {
            self.refuse(
                field,
                format!("This has {chars} characters; shorten it to {max_chars}"),
            );
        }
        is_short
    }

    pub(in crate::web) fn done<T>(self, value: T) -> Result<T, app::Error> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(app::Error::Invalid(self.0))
        }
    }
}
