-- Addresses readers asked for and did not find, so that the owner can send them elsewhere.
CREATE TABLE missing_pages (
    path TEXT PRIMARY KEY,
    hits INTEGER NOT NULL,
    referrer TEXT,
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX missing_pages_hits ON missing_pages (hits DESC, path);
CREATE INDEX missing_pages_seen ON missing_pages (seen_at);
