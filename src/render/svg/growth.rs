//! How large a drawing gets once its copies of its own parts are drawn. A few lines may stand for
//! billions: a part that shows another twice, which shows another twice, and so on.

use std::collections::HashMap;

const MAX_DRAWN: u64 = 100_000;

/// What stands in a part.
#[derive(Debug, Default)]
struct Part {
    elements: u64,
    shows: Vec<String>,
}

#[derive(Debug, Default)]
pub(super) struct Growth {
    parts: HashMap<String, Part>,
    whole: Part,
    /// Names of the open elements, for those that have one.
    open: Vec<Option<String>>,
}

impl Growth {
    pub(super) fn open(&mut self, id: Option<&str>) {
        self.open.push(id.map(str::to_owned));
        self.each_open(|part| part.elements += 1);
    }

    pub(super) fn close(&mut self) {
        self.open.pop();
    }

    /// Here another part is shown.
    pub(super) fn reference(&mut self, id: &str) {
        self.each_open(|part| part.shows.push(id.to_owned()));
    }

    pub(super) fn is_bearable(&self) -> bool {
        let mut known = HashMap::new();
        self.drawn(&self.whole, &mut known, &mut Vec::new())
            .is_some_and(|drawn| drawn <= MAX_DRAWN)
    }

    fn each_open(&mut self, mut change: impl FnMut(&mut Part)) {
        change(&mut self.whole);
        for id in self.open.iter().flatten() {
            change(self.parts.entry(id.clone()).or_default());
        }
    }

    /// Elements to draw; nothing where a part shows itself.
    fn drawn<'a>(
        &'a self,
        part: &'a Part,
        known: &mut HashMap<&'a str, u64>,
        inside: &mut Vec<&'a str>,
    ) -> Option<u64> {
        let mut drawn = part.elements;
        for id in &part.shows {
            let Some(shown) = self.parts.get(id) else {
                continue;
            };
            let more = match known.get(id.as_str()) {
                Some(more) => *more,
                None if inside.contains(&id.as_str()) => return None,
                None => {
                    inside.push(id);
                    let more = self.drawn(shown, known, inside)?;
                    inside.pop();
                    known.insert(id, more);
                    more
                }
            };
            drawn = drawn.saturating_add(more);
        }
        Some(drawn)
    }
}
