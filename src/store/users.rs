//! People who write here.

use crate::db::{ReadTx, Row, ToValue, WriteTx};
use crate::domain::id::{PostId, UserId};
use crate::domain::slug::Slug;
use crate::domain::text::{Email, Name, WebAddress};
use crate::domain::user::{NewUser, Role, User};

use super::{StoreError, parsed, parsed_opt, time, word};

pub(super) const COLUMNS: &str = "u.id, u.email, u.name, u.slug, u.role, u.bio, u.website, u.suspended, u.created_at, u.updated_at";
const COLUMN_COUNT: usize = 10;

fn from_row(row: &Row<'_>) -> Result<User, StoreError> {
    from_row_at(row, 0)
}

/// The user whose columns begin at `first`, for questions that join users.
pub(super) fn from_row_at(row: &Row<'_>, first: usize) -> Result<User, StoreError> {
    Ok(User {
        id: UserId::from_i64(row.get(first)?),
        email: parsed(row, first + 1, Email::parse)?,
        name: parsed(row, first + 2, Name::parse)?,
        slug: parsed(row, first + 3, Slug::parse)?,
        role: word(row, first + 4, Role::parse)?,
        bio: row.get(first + 5)?,
        website: parsed_opt(row, first + 6, WebAddress::parse)?,
        suspended: row.get(first + 7)?,
        created_at: time(row, first + 8)?,
        updated_at: time(row, first + 9)?,
    })
}

fn one(
    tx: &mut ReadTx<'_>,
    condition: &str,
    key: &dyn ToValue,
) -> Result<Option<User>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM users u WHERE {condition}");
    tx.query_opt(&sql, &[key], from_row)
}

pub fn by_id(tx: &mut ReadTx<'_>, id: UserId) -> Result<Option<User>, StoreError> {
    one(tx, "u.id = $1", &id.as_i64())
}

pub fn by_slug(tx: &mut ReadTx<'_>, slug: &Slug) -> Result<Option<User>, StoreError> {
    one(tx, "u.slug = $1", &slug.as_str())
}

pub fn by_email(tx: &mut ReadTx<'_>, email: &Email) -> Result<Option<User>, StoreError> {
    one(tx, "u.email = $1", &email.as_str())
}

pub fn owner(tx: &mut ReadTx<'_>) -> Result<Option<User>, StoreError> {
    // The word stands in the text, so that the index of owners serves on both engines.
    let sql = format!("SELECT {COLUMNS} FROM users u WHERE u.role = 'owner'");
    tx.query_opt(&sql, &[], from_row)
}

/// Everybody, the longest here first.
pub fn all(tx: &mut ReadTx<'_>) -> Result<Vec<User>, StoreError> {
    tx.query(
        &format!("SELECT {COLUMNS} FROM users u /* scan: a site has few writers */ ORDER BY u.id"),
        &[],
        from_row,
    )
}

/// Those who came before `before`, the newest first.
pub fn older(tx: &mut ReadTx<'_>, before: UserId, limit: u32) -> Result<Vec<User>, StoreError> {
    tx.query(
        &format!("SELECT {COLUMNS} FROM users u WHERE u.id < $1 ORDER BY u.id DESC LIMIT $2"),
        &[&before.as_i64(), &limit],
        from_row,
    )
}

/// Those of them whose posts readers find in lists, with how many posts that are.
pub fn older_authors(
    tx: &mut ReadTx<'_>,
    before: UserId,
    limit: u32,
) -> Result<Vec<(User, u64)>, StoreError> {
    tx.query(
        &format!(
            "SELECT {COLUMNS}, (SELECT count(*) FROM post_authors a
                WHERE a.user_id = u.id AND a.listed_at IS NOT NULL)
             FROM users u WHERE u.id < $1 AND EXISTS (SELECT 1 FROM post_authors a
                WHERE a.user_id = u.id AND a.listed_at IS NOT NULL)
             ORDER BY u.id DESC LIMIT $2"
        ),
        &[&before.as_i64(), &limit],
        |row| Ok((from_row(row)?, row.get(COLUMN_COUNT)?)),
    )
}

/// How many people have posts that readers find in lists.
pub fn count_authors(tx: &mut ReadTx<'_>) -> Result<u64, StoreError> {
    tx.query_one(
        "SELECT count(*) FROM users u /* scan: a site has few writers */
         WHERE EXISTS (SELECT 1 FROM post_authors a
            WHERE a.user_id = u.id AND a.listed_at IS NOT NULL)",
        &[],
        |row| row.get(0),
    )
}

/// A post's authors, in their order.
pub fn of_post(tx: &mut ReadTx<'_>, post: PostId) -> Result<Vec<User>, StoreError> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM post_authors a JOIN users u ON u.id = a.user_id
             WHERE a.post_id = $1 ORDER BY a.position"
        ),
        &[&post.as_i64()],
        from_row,
    )
}

/// Every post somebody is an author of, whether readers see it or not.
pub fn posts_by(tx: &mut ReadTx<'_>, id: UserId) -> Result<Vec<PostId>, StoreError> {
    tx.query(
        "SELECT post_id FROM post_authors WHERE user_id = $1 ORDER BY post_id",
        &[&id.as_i64()],
        |row| row.get(0).map(PostId::from_i64),
    )
}

/// The hash to check a password against, for someone who has one.
pub fn password_hash(tx: &mut ReadTx<'_>, id: UserId) -> Result<Option<String>, StoreError> {
    let sql = "SELECT password_hash FROM users WHERE id = $1";
    let hash = tx.query_opt(sql, &[&id.as_i64()], |row| row.get::<Option<String>>(0))?;
    Ok(hash.flatten())
}

pub fn insert(tx: &mut WriteTx<'_>, user: &NewUser) -> Result<User, StoreError> {
    let id = tx.new_id();
    let now = tx.now().as_micros();
    tx.execute(
        "INSERT INTO users (id, email, name, slug, role, password_hash, bio, website, suspended,
            created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, '', NULL, 0, $7, $7)",
        &[
            &id,
            &user.email.as_str(),
            &user.name.as_str(),
            &user.slug.as_str(),
            &user.role.as_str(),
            &user.password_hash,
            &now,
        ],
    )?;
    by_id(tx, UserId::from_i64(id))?.ok_or(StoreError::NotFound)
}

/// Writes what may change about a person; not the password.
pub fn update(tx: &mut WriteTx<'_>, user: &User) -> Result<(), StoreError> {
    let now = tx.now().as_micros();
    let touched = tx.execute(
        "UPDATE users SET email = $2, name = $3, slug = $4, role = $5, bio = $6, website = $7,
            suspended = $8, updated_at = $9
         WHERE id = $1",
        &[
            &user.id.as_i64(),
            &user.email.as_str(),
            &user.name.as_str(),
            &user.slug.as_str(),
            &user.role.as_str(),
            &user.bio,
            &user.website.as_ref().map(WebAddress::as_str),
            &user.suspended,
            &now,
        ],
    )?;
    if touched == 0 {
        return Err(StoreError::NotFound);
    }
    Ok(())
}

pub fn set_password_hash(
    tx: &mut WriteTx<'_>,
    id: UserId,
    hash: Option<&str>,
) -> Result<(), StoreError> {
    let touched = tx.execute(
        "UPDATE users SET password_hash = $2 WHERE id = $1",
        &[&id.as_i64(), &hash],
    )?;
    if touched == 0 {
        return Err(StoreError::NotFound);
    }
    Ok(())
}

/// Puts `heir` in the place of `id` among the authors of every post.
pub fn hand_over_posts(tx: &mut WriteTx<'_>, id: UserId, heir: UserId) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM post_authors WHERE user_id = $1
            AND post_id IN (SELECT o.post_id FROM post_authors o WHERE o.user_id = $2)",
        &[&id.as_i64(), &heir.as_i64()],
    )?;
    tx.execute(
        "UPDATE post_authors SET user_id = $2 WHERE user_id = $1",
        &[&id.as_i64(), &heir.as_i64()],
    )?;
    Ok(())
}

/// Removes a person who is no post's author any more, with their sessions, tokens and keys.
pub fn delete(tx: &mut WriteTx<'_>, id: UserId) -> Result<(), StoreError> {
    // The texts they edited forget who that was.
    let sql = "DELETE FROM users WHERE id = $1 /* scan: rare, and other tables name few of us */";
    match tx.execute(sql, &[&id.as_i64()])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}
