-- Others' programs: what they were allowed, and what they sent.

-- The program a token was given to. Empty: somebody made it themselves.
ALTER TABLE tokens ADD COLUMN client_id TEXT;

-- Codes with which programs come for their token. Remembered for a while after they were used: whoever
-- comes with one again ends the token.
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
CREATE INDEX grants_expiry ON grants (expires_at);
CREATE INDEX grants_user ON grants (user_id);
CREATE INDEX grants_token ON grants (token_id);

-- What a Micropub program sent with a post, as far as the post itself does not say it.
CREATE TABLE micropub_entries (
    post_id INTEGER PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    entry TEXT NOT NULL
) STRICT;
