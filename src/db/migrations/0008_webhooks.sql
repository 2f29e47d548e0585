-- Webhooks: who wants to be told of what, and what became of telling them.

CREATE TABLE webhooks (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    -- It has to be read to sign with it, so it is here and no hash of it.
    secret BLOB NOT NULL,
    -- A list of words, as JSON.
    events TEXT NOT NULL,
    description TEXT NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    -- Why the program switched it off.
    trouble TEXT,
    -- Changes up to here came before it was wanted.
    from_seq INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX webhooks_creator ON webhooks (created_by);

CREATE TABLE webhook_deliveries (
    id INTEGER PRIMARY KEY,
    webhook_id INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    payload TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    queued_at INTEGER NOT NULL,
    -- Empty: it is over.
    next_at INTEGER,
    tried_at INTEGER,
    status INTEGER,
    error TEXT,
    duration_millis INTEGER,
    delivered_at INTEGER
) STRICT;
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_at);

-- How far those have read who follow the change feed and keep their place in the store.
CREATE TABLE followers (
    name TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What deleted things were called, for those who are told late.
CREATE TABLE departed (
    noun TEXT NOT NULL,
    noun_id INTEGER NOT NULL,
    facts TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (noun, noun_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX departed_at ON departed (at);

-- Posts that readers could see at some time, and where. Of others nobody outside is told, not even that they
-- are gone; and of these no name they got since.
CREATE TABLE posts_shown (
    post_id INTEGER PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    slug TEXT NOT NULL
) STRICT;
INSERT INTO posts_shown (post_id, slug)
    SELECT id, slug FROM posts
    WHERE status IN ('published', 'unlisted') OR trashed_from IN ('published', 'unlisted');
