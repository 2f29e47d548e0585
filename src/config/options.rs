//! The table of options. A new option is a field of `Config`, its default, and one row here.

use std::marker::PhantomData;

use super::Config;
use super::rules::{
    Address, Addresses, DatabaseUrl, Directory, File, Hosts, Hours, Issuers, Line, MaybeAddresses,
    Networks, OneOf, Raw, Rule, SiteUrl, SmallWhole, Token, WebOrigins, Whole, YesNo,
};
use super::values::{LogFormat, LogLevel, UpdateMode};

pub(super) const ENVIRONMENT_PREFIX: &str = "INKSTAND_";

pub(super) struct Row {
    /// `section.name`, or `name` at the top of the file.
    pub(super) key: &'static str,
    /// May also be read from a file named by `INKSTAND_…_FILE`; is never shown.
    pub(super) secret: bool,
    pub(super) is_list: bool,
    pub(super) help: &'static str,
    pub(super) describe: fn() -> String,
    pub(super) set: fn(&mut Config, &Raw) -> Result<(), String>,
    /// The value in the notation of the file; `None` when nothing is set.
    pub(super) show: fn(&Config) -> Option<String>,
}

impl Row {
    pub(super) fn environment_name(&self) -> String {
        format!(
            "{ENVIRONMENT_PREFIX}{}",
            self.key.replace('.', "_").to_ascii_uppercase()
        )
    }

    /// The key as it is written inside its `[section]`.
    pub(super) fn name(&self) -> &'static str {
        self.key.rsplit('.').next().unwrap_or(self.key)
    }

    pub(super) fn section(&self) -> Option<&'static str> {
        self.key.split_once('.').map(|(section, _)| section)
    }
}

pub(super) fn find(key: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.key == key)
}

pub(super) fn is_section(name: &str) -> bool {
    ROWS.iter().any(|row| row.section() == Some(name))
}

const fn list_flag<R: Rule>(_: &R) -> bool {
    R::IS_LIST
}

macro_rules! rows {
    ($($(#[$kind:ident])? $first:ident $(. $second:ident)?: $rule:expr, $help:literal;)+) => {
        &[$(Row {
            key: concat!(stringify!($first) $(, ".", stringify!($second))?),
            secret: rows!(@secret $($kind)?),
            is_list: list_flag(&$rule),
            help: $help,
            describe: || $rule.describe(),
            set: |config, raw| {
                config.$first$(.$second)? = $rule.read(raw)?;
                Ok(())
            },
            show: |config| $rule.write(&config.$first$(.$second)?),
        }),+]
    };
    (@secret secret) => { true };
    (@secret) => { false };
}

pub(super) const ROWS: &[Row] = rows! {
    data_dir: Directory,
        "Where everything is kept: the database, media, the search index. Under systemd the \
         default is the unit's state directory.";
    listen: Addresses,
        "Where the site is served. Use port 0 to let the system choose one. With tls.domains the default \
         is port 443 on every address.";
    #[secret]
    database: DatabaseUrl,
        "Where posts, people and settings are stored. SQLite lives in a file and needs nothing \
         else; PostgreSQL (15 or newer) lets several nodes serve one site.";
    database_readers: SmallWhole { least: 1, most: 64, unit: "connections" },
        "Connections that only read; writing has its own.";
    trusted_proxies: Networks,
        "Reverse proxies whose X-Forwarded-For is believed. Empty: nobody's.";
    workers: SmallWhole { least: 0, most: 256, unit: "threads" },
        "Threads that answer requests. 0 is one for each processor.";
    site.url: SiteUrl,
        "The public address of the site, used in links, feeds and mail. Without it, the first \
         listening address is used. With https, browsers are told to come encrypted for a year \
         (HSTS), unless a trusted proxy says that a request came to it in clear.";
    tls.domains: Hosts,
        "The names of the site, the one it is known by first; the others lead there. With them the site \
         is served encrypted, and gets and renews its certificates by itself.";
    tls.certificate: File,
        "A certificate file of your own with its chain, in PEM form, instead of one that is got for \
         tls.domains. It is read again when it changes.";
    tls.key: File,
        "The private key for tls.certificate.";
    tls.redirect_listen: MaybeAddresses,
        "Where those who come unencrypted are sent on to the site, and where issuers of certificates ask. \
         With tls.domains the default is port 80 on every address.";
    tls.hsts_seconds: Whole { least: 0, most: 63_072_000, unit: "seconds" },
        "How long browsers are told to come encrypted only (HSTS), from a day after the first certificate \
         on. 0 tells them nothing.";
    tls.contact: Line { what: "a mail address" },
        "Where issuers may write to.";
    tls.issuers: Issuers,
        "Who is asked for certificates, in this order: the next one when one fails. The default is Let's \
         Encrypt, whose terms of service you accept by setting tls.domains.";
    tls.staging: Line { what: "the address of an ACME directory, or \"\" for none" },
        "Where is tried first, after a failure, whether the first issuer would succeed now, so that its \
         limits are not used up.";
    tls.issuer_root: File,
        "A root certificate in PEM form by which issuers inside a network of your own are known.";
    #[secret]
    tls.external_account: Token { least_chars: 3 },
        "What an issuer that wants an account of its own has given you: the key's name, a colon, and the \
         key as base64url.";
    tls.profile: Line { what: "a profile's name, like \"tlsserver\" or \"shortlived\"" },
        "The kind of certificate to ask for, where the issuer has several. Addresses always get the one \
         that is called shortlived.";
    tls.preferred_chain: Line { what: "the name of a root certificate" },
        "Which chain to take where the issuer offers several.";
    tls.retry_seconds: Whole { least: 1, most: 86_400, unit: "seconds" },
        "The pause after a first failure. It becomes longer with each further one.";
    tls.hook: File,
        "A program that is run when less than a third of a certificate's life is left and it could not be \
         renewed. Its words are the name and what went wrong.";
    cache.size_mb: Whole { least: 0, most: 65_536, unit: "megabytes" },
        "Memory for finished pages; the least used ones go first. 0 keeps none.";
    cache.shared_seconds: Whole { least: 0, most: 31_536_000, unit: "seconds" },
        "How long a cache in front (a CDN) may answer with a page without asking. Readers see changes \
         that much later. 0: it asks each time.";
    limits.body_mb: Whole { least: 1, most: 4_096, unit: "megabytes" },
        "The largest request body. Larger ones are answered with 413.";
    limits.connections: Whole { least: 16, most: 1_000_000, unit: "connections" },
        "Open connections in all. Further ones are turned away with 503.";
    limits.connections_per_address: Whole { least: 1, most: 1_000_000, unit: "connections" },
        "Open connections from one address. Behind a proxy that is the proxy's address, unless \
         it is listed in trusted_proxies, which are exempt.";
    limits.header_seconds: Whole { least: 1, most: 600, unit: "seconds" },
        "Time for a client to send the head of a request.";
    limits.body_seconds: Whole { least: 1, most: 3_600, unit: "seconds" },
        "Time for a client to send the body of a request.";
    limits.keep_alive_seconds: Whole { least: 1, most: 3_600, unit: "seconds" },
        "How long an idle connection stays open.";
    limits.drain_seconds: Whole { least: 1, most: 3_600, unit: "seconds" },
        "Time for running requests to finish when the server stops.";
    media.upload_mib: Whole { least: 1, most: 256, unit: "MiB" },
        "The largest picture that may be uploaded in a browser. Sound, film and PDF may have 1024 MiB.";
    api.public: YesNo,
        "Whether programs may read over the API, without a token, what readers may read on the pages.";
    api.origins: WebOrigins,
        "Whose pages may use the API from within a browser (CORS), with a token of their own; the cookies \
         of people who are signed in are never used. Empty: nobody's.";
    api.requests_per_minute: Whole { least: 0, most: 1_000_000, unit: "requests" },
        "How much one token may ask of the API. Larger bursts are answered with 429. 0 sets no limit.";
    api.anonymous_requests_per_minute: Whole { least: 0, most: 1_000_000, unit: "requests" },
        "How much one address may ask of the API without a token; the search as one types is part of it. \
         IPv6 addresses count by their /64 network. 0 sets no limit.";
    launcher.ready_seconds: Whole { least: 1, most: 86_400, unit: "seconds" },
        "Time for a new server to open the store and try itself out, at a start or a reload. One that \
         takes longer is given up, and the old one goes on.";
    update.url: Line { what: "the address of a release directory, like \"https://releases.example.org/inkstand\", or a folder" },
        "Where new versions come from. Without it there are no updates.";
    update.channel: Line { what: "a channel's name, like \"stable\"" },
        "Which releases are looked for.";
    update.mode: OneOf::<UpdateMode>(PhantomData),
        "Whether newer versions are looked for: \"notify\" tells the owner under System, \"auto\" takes them.";
    update.window: Hours,
        "When a newer version may come by itself. Without it, at any hour.";
    update.poll_seconds: Whole { least: 1, most: 2_592_000, unit: "seconds" },
        "How often newer versions are looked for, give or take a tenth.";
    update.root: File,
        "The set of keys that are trusted to sign releases, for people who build their own. Without it, \
         the keys that were built in.";
    update.hook: File,
        "A program that is run after a version was taken back, with that version as its only word.";
    update.trial_seconds: Whole { least: 1, most: 86_400, unit: "seconds" },
        "How long a new version must serve without a fault before it is trusted. Until then the version \
         before comes back by itself after the third crash.";
    log.format: OneOf::<LogFormat>(PhantomData),
        "How log lines are written. \"auto\" is text on a terminal and JSON elsewhere.";
    log.level: OneOf::<LogLevel>(PhantomData),
        "The least important lines that are written.";
    log.access: YesNo,
        "Write a line for each request.";
    metrics.listen: Address,
        "Serve /metrics on an address of its own. Off by default.";
    #[secret]
    metrics.token: Token { least_chars: 16 },
        "Serve /metrics on the site itself, to whoever sends this as a bearer token.";
    audit.keep_days: Whole { least: 1, most: 36_500, unit: "days" },
        "How long the record of sensitive acts is kept.";
    oplog.keep_hours: Whole { least: 0, most: 87_600, unit: "hours" },
        "How long changes are kept in the database for backups to collect. 0 keeps none.";
    oplog.keep_mb: Whole { least: 1, most: 1_048_576, unit: "megabytes" },
        "How much room those changes may take; the oldest go first.";
    outbound.public: YesNo,
        "Whether the server goes to public addresses that somebody gives it, as for a webhook or to look at a \
         program that wants to sign in. If not, it goes only to those of outbound.allow.";
    outbound.allow: Networks,
        "Networks of your own that the server may go to when somebody gives it an address, as for a webhook. \
         Empty: only what everybody can reach, never a neighbour.";
};
