-- The media library: words under a picture, its colour, the addresses of its copies, and where it is used.

ALTER TABLE media ADD COLUMN caption TEXT NOT NULL DEFAULT '';
-- #rrggbb; none where there are no points or nobody looked.
ALTER TABLE media ADD COLUMN colour TEXT;
-- By which recipe its smaller copies were made; 0 where that is still to be done.
ALTER TABLE media ADD COLUMN recipe INTEGER NOT NULL DEFAULT 0;
-- What is looked in when somebody looks for a file: its name and the words about it, in small letters.
ALTER TABLE media ADD COLUMN words TEXT NOT NULL DEFAULT '';
CREATE INDEX media_recipe ON media (recipe, id);

-- Addresses besides a file's own: of its copies, and those it had before it was replaced.
CREATE TABLE media_addresses (
    path TEXT PRIMARY KEY,
    media_id INTEGER NOT NULL REFERENCES media (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX media_addresses_media ON media_addresses (media_id);

-- Which posts show which files, in their text or as their cover; kept with a post's rendition.
CREATE TABLE media_uses (
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    media_id INTEGER NOT NULL REFERENCES media (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, media_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX media_uses_media ON media_uses (media_id, post_id);
