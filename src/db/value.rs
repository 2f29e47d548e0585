//! Values on their way into and out of either engine: whole numbers, text, bytes or nothing.
//! Floats are left out on purpose; no noun needs one.

use postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::error::StoreError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// What may be given as a parameter.
pub trait ToValue {
    fn to_value(&self) -> Value;
}

/// What a column may be read as.
pub trait FromValue: Sized {
    fn from_value(value: Value) -> Option<Self>;
}

macro_rules! values {
    ($($type:ty: $this:ident => $to:expr, $pattern:pat => $from:expr;)+) => {$(
        impl ToValue for $type {
            fn to_value(&self) -> Value {
                let $this = self;
                $to
            }
        }

        impl FromValue for $type {
            fn from_value(value: Value) -> Option<Self> {
                match value {
                    $pattern => $from,
                    _ => None,
                }
            }
        }
    )+};
}

values! {
    i64: this => Value::Int(*this), Value::Int(number) => Some(number);
    u16: this => Value::Int(i64::from(*this)), Value::Int(number) => u16::try_from(number).ok();
    u32: this => Value::Int(i64::from(*this)), Value::Int(number) => u32::try_from(number).ok();
    u64: this => Value::Int(i64::try_from(*this).unwrap_or(i64::MAX)),
        Value::Int(number) => u64::try_from(number).ok();
    bool: this => Value::Int(i64::from(*this)), Value::Int(number) => Some(number != 0);
    String: this => Value::Text(this.clone()), Value::Text(text) => Some(text);
    Vec<u8>: this => Value::Blob(this.clone()), Value::Blob(bytes) => Some(bytes);
}

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl ToValue for [u8] {
    fn to_value(&self) -> Value {
        Value::Blob(self.to_owned())
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

/// One row of an answer, whichever engine gave it.
#[derive(Debug)]
pub struct Row<'a>(pub(super) RowOf<'a>);

pub(super) enum RowOf<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a postgres::Row),
}

impl std::fmt::Debug for RowOf<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("row")
    }
}

impl Row<'_> {
    /// The column at `index`, counted from 0.
    pub fn get<T: FromValue>(&self, index: usize) -> Result<T, StoreError> {
        let value = match &self.0 {
            RowOf::Sqlite(row) => sqlite_value(row, index)?,
            RowOf::Postgres(row) => postgres_value(row, index)?,
        };
        T::from_value(value).ok_or_else(|| {
            StoreError::backend(format!(
                "column {index} does not hold what is expected there"
            ))
        })
    }
}

fn sqlite_value(row: &rusqlite::Row<'_>, index: usize) -> Result<Value, StoreError> {
    use rusqlite::types::ValueRef;
    Ok(match row.get_ref(index)? {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(text) => Value::Text(
            std::str::from_utf8(text)
                .map_err(StoreError::backend)?
                .to_owned(),
        ),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_owned()),
        ValueRef::Real(_) => return Err(StoreError::backend("a float where none is kept")),
    })
}

fn postgres_value(row: &postgres::Row, index: usize) -> Result<Value, StoreError> {
    let kind = row
        .columns()
        .get(index)
        .map(postgres::Column::type_)
        .ok_or_else(|| StoreError::backend(format!("there is no column {index}")))?;
    Ok(match *kind {
        Type::INT8 => row.try_get::<_, Option<i64>>(index)?.map(Value::Int),
        Type::INT4 => row
            .try_get::<_, Option<i32>>(index)?
            .map(|number| Value::Int(i64::from(number))),
        Type::BOOL => row
            .try_get::<_, Option<bool>>(index)?
            .map(|truth| Value::Int(i64::from(truth))),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(index)?.map(Value::Blob),
        _ => row.try_get::<_, Option<String>>(index)?.map(Value::Text),
    }
    .unwrap_or(Value::Null))
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Self::Int(number) if *kind == Type::INT8 => number.to_sql(kind, out),
            Self::Int(_) => Err(format!("a number was given where {kind} is expected").into()),
            // PostgreSQL cannot keep a zero byte in text; SQLite can. Neither needs one.
            Self::Text(text) => text.replace('\0', "").to_sql(kind, out),
            Self::Blob(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
