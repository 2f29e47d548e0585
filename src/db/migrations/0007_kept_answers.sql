-- What programs were answered, so that a request that is sent again is not done again. A row without a
-- status is of a request that is under way, or of one that was cut off.

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

CREATE INDEX kept_answers_age ON kept_answers (created_at);
