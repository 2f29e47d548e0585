-- Keys, certificates, accounts with issuers and what is under way with them, each sealed with a key that
-- is not in here.

CREATE TABLE papers (
    name TEXT PRIMARY KEY,
    sealed BLOB NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
