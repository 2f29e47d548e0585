//! Code to coloured code: a handful of CSS classes, no inline styles, no script. Any size and any
//! content must stay cheap, so there are limits on lines, blocks and pages, beyond which code is plain.
//! Must not know markdown.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};
use syntect::util::LinesWithEndings;

use super::{escape_into, escaped};

/// Longer lines are minified or data, and are what makes regular expressions slow.
const MAX_LINE_BYTES: usize = 1_000;
const MAX_BLOCK_BYTES: usize = 64 * 1024;
const MAX_PAGE_BYTES: usize = 128 * 1024;
/// Starting a block costs something too.
const BLOCK_PRICE_BYTES: usize = 64;
/// Scopes open at once; code written by people stays below fifty.
const MAX_SCOPES: usize = 400;
/// How many enclosing scopes are asked for a colour.
const MAX_LOOKUP: usize = 24;

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);
static RULES: LazyLock<Vec<(Scope, Class)>> = LazyLock::new(rules);

/// A colour role: `hl-` and one letter.
type Class = char;

/// Scope prefixes and their roles; the first that fits wins, so the special stand above the general.
const ROLES: [(&str, Class); 46] = [
    ("comment", 'c'),
    ("punctuation.definition.comment", 'c'),
    ("constant.character.escape", 'e'),
    ("string", 's'),
    ("punctuation.definition.string", 's'),
    ("constant.numeric", 'n'),
    ("constant.other.color", 'n'),
    ("constant", 'o'),
    ("support.constant", 'o'),
    ("variable.language", 'k'),
    ("keyword.operator.word", 'k'),
    ("keyword.operator.logical.python", 'k'),
    ("keyword.operator", 'p'),
    ("keyword.other.unit", 'n'),
    ("keyword", 'k'),
    ("storage", 'k'),
    ("entity.name.function", 'f'),
    ("support.function", 'f'),
    ("variable.function", 'f'),
    ("entity.name.tag", 'g'),
    ("entity.other.attribute-name", 'a'),
    ("support.type.property-name", 'a'),
    ("entity.name.section", 'h'),
    ("markup.heading", 'h'),
    ("entity.name.label", 'o'),
    ("entity.name.constant", 'o'),
    ("entity.name.macro", 'f'),
    ("support.macro", 'f'),
    ("entity.name", 't'),
    ("entity.other.inherited-class", 't'),
    ("support.type", 't'),
    ("support.class", 't'),
    ("support", 't'),
    ("meta.annotation", 'a'),
    ("variable.annotation", 'a'),
    ("variable.parameter", 'v'),
    ("variable.other.readwrite.assignment", 'v'),
    ("markup.inserted", 'i'),
    ("markup.deleted", 'd'),
    ("meta.diff.header", 'h'),
    ("meta.diff.range", 'f'),
    ("markup.bold", 'b'),
    ("markup.italic", 'm'),
    ("markup.raw", 's'),
    ("markup.underline.link", 's'),
    ("invalid", 'x'),
];

/// What people write after the fence, where it is not the language's name or a file extension.
const ALIASES: [(&str, &str); 26] = [
    ("shell", "bash"),
    ("console", "bash"),
    ("shellsession", "bash"),
    ("sh-session", "bash"),
    ("terminal", "bash"),
    ("golang", "go"),
    ("docker", "Dockerfile"),
    ("containerfile", "Dockerfile"),
    ("csharp", "cs"),
    ("objectivec", "m"),
    ("objc", "m"),
    ("jsonc", "json"),
    ("json5", "json"),
    ("jsonl", "json"),
    ("python3", "python"),
    ("mysql", "sql"),
    ("postgresql", "sql"),
    ("pgsql", "sql"),
    ("sqlite", "sql"),
    ("vue3", "vue"),
    ("node", "js"),
    ("make", "Makefile"),
    ("viml", "vim"),
    ("elisp", "el"),
    ("jinja", "jinja2"),
    ("systemd", "ini"),
];

fn rules() -> Vec<(Scope, Class)> {
    ROLES
        .iter()
        .filter_map(|(prefix, class)| Some((Scope::new(prefix).ok()?, *class)))
        .collect()
}

/// How many languages are known.
pub fn language_count() -> usize {
    SYNTAXES.syntaxes().len()
}

/// Highlights the blocks of one page and keeps the page's budget.
#[derive(Debug, Default)]
pub(super) struct Highlighter {
    spent_bytes: usize,
    classes: HashMap<Scope, Option<Class>>,
}

impl Highlighter {
    /// The inside of `<code>`: always the whole text, with colours where that is possible.
    pub(super) fn highlight(&mut self, language: &str, code: &str) -> String {
        let affordable =
            code.len() <= MAX_BLOCK_BYTES && self.spent_bytes + code.len() <= MAX_PAGE_BYTES;
        let syntax = if affordable { find(language) } else { None };
        match syntax {
            Some(syntax) => {
                self.spent_bytes += code.len() + BLOCK_PRICE_BYTES;
                self.colour(syntax, code)
            }
            None => escaped(code),
        }
    }

    fn colour(&mut self, syntax: &SyntaxReference, code: &str) -> String {
        let mut out = Spans::new(code.len());
        let mut state = ParseState::new(syntax);
        let mut stack = ScopeStack::new();
        let mut gave_up = false;
        for line in LinesWithEndings::from(code) {
            if gave_up || line.len() > MAX_LINE_BYTES {
                out.push(line, None);
                continue;
            }
            let Ok(changes) = state.parse_line(line, &SYNTAXES) else {
                gave_up = true;
                out.push(line, None);
                continue;
            };
            let mut from = 0;
            for (at, change) in &changes {
                if let Some(text) = line.get(from..*at) {
                    out.push(text, self.class_of(&stack));
                    from = *at;
                }
                gave_up |= stack.apply(change).is_err();
            }
            out.push(line.get(from..).unwrap_or_default(), self.class_of(&stack));
            gave_up |= stack.len() > MAX_SCOPES;
        }
        out.finish()
    }

    fn class_of(&mut self, stack: &ScopeStack) -> Option<Class> {
        stack
            .as_slice()
            .iter()
            .rev()
            .take(MAX_LOOKUP)
            .find_map(|scope| {
                *self.classes.entry(*scope).or_insert_with(|| {
                    RULES
                        .iter()
                        .find(|(prefix, _)| prefix.is_prefix_of(*scope))
                        .map(|rule| rule.1)
                })
            })
    }
}

/// Collects text into as few spans as possible.
struct Spans {
    html: String,
    open: Option<Class>,
}

impl Spans {
    fn new(bytes: usize) -> Self {
        Self {
            html: String::with_capacity(bytes * 2),
            open: None,
        }
    }

    fn push(&mut self, text: &str, class: Option<Class>) {
        if text.is_empty() {
            return;
        }
        // A line end or an indentation has no colour of its own: it joins what is open.
        if class != self.open && !text.trim().is_empty() {
            self.close();
            if let Some(class) = class {
                let _ = write!(self.html, "<span class=\"hl-{class}\">");
            }
            self.open = class;
        }
        escape_into(&mut self.html, text);
    }

    fn close(&mut self) {
        if self.open.take().is_some() {
            // Keep line ends and spaces outside, so that selecting a line copies no colour.
            let kept = self.html.trim_end_matches([' ', '\n', '\r', '\t']).len();
            let tail = self.html.split_off(kept);
            self.html.push_str("</span>");
            self.html.push_str(&tail);
        }
    }

    fn finish(mut self) -> String {
        self.close();
        self.html
    }
}

/// Understands `rust`, `rs`, `Rust`, `language-rust`, `rust,ignore`, `{.rust}` and `rust{1,3}`.
fn find(info: &str) -> Option<&'static SyntaxReference> {
    let info = info.trim_start_matches(['{', '.']);
    let info = info.strip_prefix("language-").unwrap_or(info);
    let name = info
        .split([',', '{', '}', ':', ';'])
        .next()?
        .to_ascii_lowercase();
    if name.is_empty()
        || matches!(
            name.as_str(),
            "text" | "txt" | "plain" | "plaintext" | "none"
        )
    {
        return None;
    }
    let alias = ALIASES.iter().find(|(from, _)| *from == name);
    let name = alias.map_or(name.as_str(), |(_, to)| to);
    SYNTAXES.find_syntax_by_token(name)
}

#[cfg(test)]
mod tests {
    use super::super::palette::COLOURS;
    use super::*;

    fn highlight(language: &str, code: &str) -> String {
        Highlighter::default().highlight(language, code)
    }

    #[test]
    fn a_hundred_languages_are_known() {
        assert!(language_count() >= 100, "{}", language_count());
        let mut missing = Vec::new();
        for name in [
            "rust",
            "rs",
            "Python",
            "c++",
            "cpp",
            "js",
            "ts",
            "tsx",
            "typescript",
            "go",
            "golang",
            "java",
            "kotlin",
            "swift",
            "ruby",
            "php",
            "html",
            "css",
            "scss",
            "json",
            "yaml",
            "toml",
            "sql",
            "bash",
            "shell",
            "console",
            "zsh",
            "dockerfile",
            "docker",
            "nix",
            "haskell",
            "elixir",
            "erlang",
            "clojure",
            "lisp",
            "scala",
            "r",
            "julia",
            "lua",
            "perl",
            "diff",
            "makefile",
            "cmake",
            "nginx",
            "terraform",
            "protobuf",
            "graphql",
            "latex",
            "markdown",
            "vue",
            "svelte",
            "zig",
            "dart",
            "csharp",
            "c#",
            "objc",
            "vim",
            "ini",
            "xml",
            "language-rust",
            "rust,ignore",
            "{.rust",
            "rust{1,3}",
        ] {
            missing.extend(find(name).is_none().then_some(name));
        }
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn every_role_is_a_valid_scope_and_has_a_colour() {
        assert_eq!(RULES.len(), ROLES.len());
        for (_, class) in ROLES {
            let known = |colour: &&(&str, &str, &str)| colour.0 == class.to_string();
            assert!(
                class == 'm' || COLOURS.iter().any(|colour| known(&colour)),
                "{class}"
            );
        }
    }

    #[test]
    fn code_gets_flat_spans_and_keeps_every_letter() {
        insta::assert_snapshot!(highlight(
            "rust",
            "// <b>\nfn main() { let x = \"a\\n\"; }\n"
        ));
        insta::assert_snapshot!(highlight("html", "<p class=\"a\">&amp; x</p>\n"));
    }

    #[test]
    fn what_is_unknown_or_too_much_is_plain() {
        assert_eq!(highlight("klingon", "let <x>"), "let &lt;x&gt;");
        assert_eq!(highlight("", "let x"), "let x");
        let long_line = format!("let x = \"{}\";\n", "y".repeat(MAX_LINE_BYTES));
        assert!(!highlight("rust", &long_line).contains("span"));
        let long_block = "let x = 1;\n".repeat(MAX_BLOCK_BYTES / 11 + 1);
        assert!(!highlight("rust", &long_block).contains("span"));
    }

    #[test]
    fn a_page_has_a_budget() {
        let mut page = Highlighter::default();
        let block = "let x = 1;\n".repeat(1_000);
        let coloured = (0..20)
            .filter(|_| page.highlight("rust", &block).contains("span"))
            .count();
        assert_eq!(coloured, MAX_PAGE_BYTES / (block.len() + BLOCK_PRICE_BYTES));
    }
}
