-- Lists for programs: all that is not in the trash, last edited first.
CREATE INDEX posts_edited ON posts (kind, updated_at DESC, id DESC) WHERE status <> 'trashed';
