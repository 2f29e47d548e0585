-- The schema that all migrations together make. Written by a test with UPDATE_GOLDEN=1;
-- do not edit: add a migration instead.

CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    user_id INTEGER,
    act TEXT NOT NULL,
    noun TEXT NOT NULL,
    noun_id INTEGER,
    address TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

CREATE TABLE changes (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    noun TEXT NOT NULL,
    noun_id INTEGER NOT NULL,
    verb TEXT NOT NULL,
    visible INTEGER NOT NULL CHECK (visible IN (0, 1))
) STRICT;

CREATE TABLE departed (
    noun TEXT NOT NULL,
    noun_id INTEGER NOT NULL,
    facts TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (noun, noun_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE feed_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL,
    generation INTEGER NOT NULL
) STRICT;

CREATE TABLE followers (
    name TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE grants (
    code_hash BLOB PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,
    scopes TEXT NOT NULL,
    token_days INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    token_id INTEGER REFERENCES tokens (id) ON DELETE SET NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE invitations (
    id INTEGER PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'editor', 'author', 'contributor')),
    note TEXT NOT NULL,
    secret_hash BLOB NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE kept_answers (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    idempotency_key TEXT NOT NULL,
    request TEXT NOT NULL,
    body_digest BLOB,
    status INTEGER,
    headers TEXT NOT NULL DEFAULT '[]',
    body BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, idempotency_key)
) STRICT;

CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE media (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL,
    digest BLOB NOT NULL,
    name TEXT NOT NULL,
    mime TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    width INTEGER,
    height INTEGER,
    alt TEXT NOT NULL,
    variants TEXT NOT NULL,
    uploaded_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL
, caption TEXT NOT NULL DEFAULT '', colour TEXT, recipe INTEGER NOT NULL DEFAULT 0, words TEXT NOT NULL DEFAULT '') STRICT;

CREATE TABLE media_addresses (
    path TEXT PRIMARY KEY,
    media_id INTEGER NOT NULL REFERENCES media (id) ON DELETE CASCADE
) STRICT;

CREATE TABLE media_uses (
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    media_id INTEGER NOT NULL REFERENCES media (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, media_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE micropub_entries (
    post_id INTEGER PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    entry TEXT NOT NULL
) STRICT;

CREATE TABLE missing_pages (
    path TEXT PRIMARY KEY,
    hits INTEGER NOT NULL,
    referrer TEXT,
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE oplog (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('changeset', 'migration')),
    body BLOB NOT NULL
) STRICT;

CREATE TABLE origins (
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Of what was read there.
    digest BLOB NOT NULL,
    post_id INTEGER REFERENCES posts (id) ON DELETE SET NULL,
    -- Of what was written here. A post that has another one was changed since.
    written_digest BLOB,
    media_id INTEGER REFERENCES media (id) ON DELETE SET NULL,
    PRIMARY KEY (source, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE papers (
    name TEXT PRIMARY KEY,
    sealed BLOB NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE passkeys (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    credential BLOB NOT NULL,
    handle BLOB NOT NULL,
    public_key BLOB NOT NULL,
    sign_count INTEGER NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

CREATE TABLE pending_drafts (
    post_id INTEGER PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    base_version INTEGER NOT NULL,
    version INTEGER NOT NULL,
    content TEXT NOT NULL,
    edited_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE post_authors (
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id), listed_at INTEGER,
    PRIMARY KEY (post_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE post_tags (
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    -- The post's publication time and whether readers see it, repeated here so that a tag's page
    -- is one walk along an index. Kept by the same statements that change the post.
    listed_at INTEGER,
    PRIMARY KEY (post_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE posts (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('post', 'page')),
    status TEXT NOT NULL
        CHECK (status IN ('draft', 'scheduled', 'published', 'unlisted', 'private', 'trashed')),
    trashed_from TEXT,
    title TEXT NOT NULL,
    slug TEXT NOT NULL,
    excerpt TEXT,
    cover_url TEXT,
    cover_alt TEXT,
    language TEXT,
    canonical_url TEXT,
    meta_title TEXT,
    meta_description TEXT,
    featured INTEGER NOT NULL CHECK (featured IN (0, 1)),
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    publish_at INTEGER,
    published_at INTEGER,
    -- Long texts stand last: a row is read from its beginning, and lists need only that.
    code_head TEXT,
    code_foot TEXT,
    markdown TEXT NOT NULL,
    CHECK (status <> 'scheduled' OR publish_at IS NOT NULL),
    CHECK (status <> 'published' OR published_at IS NOT NULL),
    CHECK ((status = 'trashed') = (trashed_from IS NOT NULL))
) STRICT;

CREATE TABLE posts_shown (
    post_id INTEGER PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    slug TEXT NOT NULL
) STRICT;

CREATE TABLE preview_links (
    id INTEGER PRIMARY KEY,
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    secret_hash BLOB NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE recovery_codes (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL,
    PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE redirects (
    id INTEGER PRIMARY KEY,
    from_path TEXT NOT NULL,
    to_post INTEGER REFERENCES posts (id) ON DELETE CASCADE,
    to_url TEXT,
    permanent INTEGER NOT NULL CHECK (permanent IN (0, 1)),
    created_at INTEGER NOT NULL,
    CHECK ((to_post IS NULL) <> (to_url IS NULL))
) STRICT;

CREATE TABLE renditions (
    post_id INTEGER PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    stamp TEXT NOT NULL,
    facts TEXT NOT NULL,
    html TEXT NOT NULL,
    plain TEXT NOT NULL
) STRICT;

CREATE TABLE revisions (
    id INTEGER PRIMARY KEY,
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    edited_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    content TEXT NOT NULL
) STRICT;

CREATE TABLE schema_info (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        version INTEGER NOT NULL,
        oldest_reader INTEGER NOT NULL
    ) STRICT;

CREATE TABLE second_factors (
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    secret BLOB NOT NULL,
    confirmed_at INTEGER,
    -- Codes of this step of time and before are spent.
    last_step INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    secret_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL
, proved_at INTEGER) STRICT;

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tags (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    folded_name TEXT NOT NULL,
    description TEXT NOT NULL,
    colour TEXT,
    cover_url TEXT,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    secret_hash BLOB NOT NULL,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at INTEGER
, client_id TEXT) STRICT;

CREATE TABLE translations (
    post_id INTEGER PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    group_id INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'editor', 'author', 'contributor')),
    password_hash TEXT,
    bio TEXT NOT NULL,
    website TEXT,
    suspended INTEGER NOT NULL CHECK (suspended IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

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

CREATE INDEX audit_log_act ON audit_log (act, at DESC, id DESC);

CREATE INDEX audit_log_at ON audit_log (at DESC, id DESC);

CREATE INDEX audit_log_user ON audit_log (user_id, at DESC, id DESC);

CREATE INDEX departed_at ON departed (at);

CREATE INDEX grants_expiry ON grants (expires_at);

CREATE INDEX grants_token ON grants (token_id);

CREATE INDEX grants_user ON grants (user_id);

CREATE INDEX invitations_expiry ON invitations (expires_at);

CREATE UNIQUE INDEX invitations_secret ON invitations (secret_hash);

CREATE INDEX kept_answers_age ON kept_answers (created_at);

CREATE INDEX media_addresses_media ON media_addresses (media_id);

CREATE INDEX media_digest ON media (digest);

CREATE INDEX media_newest ON media (created_at DESC, id DESC);

CREATE UNIQUE INDEX media_path ON media (path);

CREATE INDEX media_recipe ON media (recipe, id);

CREATE INDEX media_uses_media ON media_uses (media_id, post_id);

CREATE INDEX missing_pages_hits ON missing_pages (hits DESC, path);

CREATE INDEX missing_pages_seen ON missing_pages (seen_at);

CREATE INDEX oplog_at ON oplog (at);

CREATE INDEX origins_media ON origins (media_id) WHERE media_id IS NOT NULL;

CREATE INDEX origins_post ON origins (post_id) WHERE post_id IS NOT NULL;

CREATE UNIQUE INDEX passkeys_credential ON passkeys (credential);

CREATE INDEX passkeys_user ON passkeys (user_id);

CREATE INDEX post_authors_timeline ON post_authors (user_id, listed_at DESC, post_id DESC)
    WHERE listed_at IS NOT NULL;

CREATE UNIQUE INDEX post_authors_user ON post_authors (user_id, post_id);

CREATE UNIQUE INDEX post_tags_once ON post_tags (tag_id, post_id);

CREATE INDEX post_tags_timeline ON post_tags (tag_id, listed_at DESC, post_id DESC)
    WHERE listed_at IS NOT NULL;

CREATE INDEX posts_desk ON posts (kind, status, updated_at DESC, id DESC);

CREATE INDEX posts_due ON posts (publish_at) WHERE status = 'scheduled';

CREATE INDEX posts_edited ON posts (kind, updated_at DESC, id DESC) WHERE status <> 'trashed';

CREATE UNIQUE INDEX posts_slug ON posts (slug);

CREATE INDEX posts_timeline ON posts (kind, published_at DESC, id DESC) WHERE status = 'published';

CREATE INDEX preview_links_expiry ON preview_links (expires_at);

CREATE INDEX preview_links_post ON preview_links (post_id);

CREATE UNIQUE INDEX preview_links_secret ON preview_links (secret_hash);

CREATE UNIQUE INDEX redirects_from ON redirects (from_path);

CREATE INDEX redirects_post ON redirects (to_post) WHERE to_post IS NOT NULL;

CREATE INDEX revisions_post ON revisions (post_id, at DESC, id DESC);

CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE UNIQUE INDEX sessions_secret ON sessions (secret_hash);

CREATE INDEX sessions_user ON sessions (user_id, seen_at DESC, id DESC);

CREATE UNIQUE INDEX tags_name ON tags (folded_name);

CREATE UNIQUE INDEX tags_slug ON tags (slug);

CREATE UNIQUE INDEX tokens_secret ON tokens (secret_hash);

CREATE INDEX tokens_user ON tokens (user_id);

CREATE INDEX translations_group ON translations (group_id, post_id);

CREATE UNIQUE INDEX users_email ON users (email);

CREATE UNIQUE INDEX users_owner ON users (role) WHERE role = 'owner';

CREATE UNIQUE INDEX users_slug ON users (slug);

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_at);

CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, id);

CREATE INDEX webhooks_creator ON webhooks (created_by);

