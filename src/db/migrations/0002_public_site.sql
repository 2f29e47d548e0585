-- What the public site needs: links that show a text before it is published, posts that are
-- translations of each other, and an author's own timeline.

CREATE TABLE preview_links (
    id INTEGER PRIMARY KEY,
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    secret_hash BLOB NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX preview_links_secret ON preview_links (secret_hash);
CREATE INDEX preview_links_post ON preview_links (post_id);
CREATE INDEX preview_links_expiry ON preview_links (expires_at);

-- Posts of one group say the same in different languages.
CREATE TABLE translations (
    post_id INTEGER PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    group_id INTEGER NOT NULL
) STRICT;
CREATE INDEX translations_group ON translations (group_id, post_id);

-- As with tags: an author's page is one walk along an index.
ALTER TABLE post_authors ADD COLUMN listed_at INTEGER;
UPDATE post_authors SET listed_at = (
    SELECT p.published_at FROM posts p
    WHERE p.id = post_authors.post_id AND p.kind = 'post' AND p.status = 'published'
);
CREATE INDEX post_authors_timeline ON post_authors (user_id, listed_at DESC, post_id DESC)
    WHERE listed_at IS NOT NULL;
