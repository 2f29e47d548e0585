//! A list that goes on over several pages, and the addresses of those.

/// Which page of which list.
#[derive(Debug, Clone)]
pub(in crate::web::site) struct Series {
    /// The address of the first page.
    first: String,
    pub(super) number: u32,
    has_older: bool,
}

impl Series {
    pub(in crate::web::site) fn new(first: &str, number: u32, has_older: bool) -> Self {
        Self {
            first: first.to_owned(),
            number,
            has_older,
        }
    }

    pub(in crate::web::site) fn path(&self) -> String {
        self.address(self.number)
    }

    pub(super) fn newer(&self) -> Option<String> {
        (self.number > 1).then(|| self.address(self.number - 1))
    }

    pub(super) fn older(&self) -> Option<String> {
        self.has_older.then(|| self.address(self.number + 1))
    }

    fn address(&self, number: u32) -> String {
        match number {
            1 => self.first.clone(),
            _ => format!("{}/page/{number}", self.first.trim_end_matches('/')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_knows_its_neighbours() {
        let around = |first, number, has_older| {
            let series = Series::new(first, number, has_older);
            (series.newer(), series.path(), series.older())
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(around("/", 1, false), (None, "/".to_owned(), None));
        assert_eq!(
            around("/", 2, true),
            (some("/"), "/page/2".to_owned(), some("/page/3"))
        );
        assert_eq!(
            around("/tag/a", 3, false),
            (some("/tag/a/page/2"), "/tag/a/page/3".to_owned(), None)
        );
    }
}
