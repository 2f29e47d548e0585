-- Where posts and files came from that were taken over from another site, and what they were then, so
-- that taking them over again changes nothing. A row stays when its post is deleted: it was meant.

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

CREATE INDEX origins_post ON origins (post_id) WHERE post_id IS NOT NULL;

CREATE INDEX origins_media ON origins (media_id) WHERE media_id IS NOT NULL;
