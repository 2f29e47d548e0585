//! Inkstand, a blog in one binary. This file is the map; `docs/ARCHITECTURE.md` is the guide.

// Core: no I/O of its own.
pub mod app; // the verbs: what people, scripts and jobs can do
pub mod config; // file, environment and flags become one `Config`
pub mod domain; // what a blog is made of: posts, people, tags, and the types only valid values fit
pub mod pictures; // cards and icons the server draws itself
pub mod render; // markdown to safe HTML, and what a page says about itself: pure functions
pub mod texts; // what the interface says, in the reader's language

// State: replaceable machinery.
pub mod blobs; // uploaded files on disk
pub mod cache; // finished pages
pub mod db; // one engine layer over SQLite and PostgreSQL
pub mod outbound; // asking servers whose addresses people give us
pub mod search; // finding posts again: full-text index, query language, snippets
pub mod store; // the SQL, one file per noun

// Edges: how the world touches it.
pub mod jobs; // what happens by itself: consumers of the change feed, schedules
pub mod launcher; // the process that never changes: sockets, handover, restarts
pub mod port; // other sites in, this one out: markdown, with a seam for more
pub mod telemetry; // logs and metrics
pub mod tls; // encryption on the way, and the certificates for it
pub mod update; // signed releases, and where versions are kept
pub mod web; // HTTP: the server, its limits, the routes

// Putting it together.
pub mod boot; // the composition root: a `Config` becomes a running site
pub mod cli; // the commands, one file each
