//! Moments as they are written in JSON and in addresses: RFC 3339, in UTC where we write them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::ToSchema;

use crate::domain::time::Timestamp;

const ADVICE: &str = "Write a time like 2027-01-31T08:00:00Z";

/// A moment, such as `2027-01-31T08:00:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2027-01-31T08:00:00Z")]
pub(in crate::web) struct Moment(pub(in crate::web) Timestamp);

impl From<Timestamp> for Moment {
    fn from(time: Timestamp) -> Self {
        Self(time)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let moment = jiff::Timestamp::from_microsecond(self.0.as_micros());
        // Times that no calendar has come from nowhere but a damaged store.
        out.collect_str(&moment.unwrap_or(jiff::Timestamp::UNIX_EPOCH))
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = String::deserialize(input)?;
        let moment: jiff::Timestamp = text.parse().map_err(|_| de::Error::custom(ADVICE))?;
        Ok(Self(Timestamp::from_micros(moment.as_microsecond())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_they_are_written() {
        for micros in [0, 1_767_225_600_000_000, 1_767_225_600_000_001, -1] {
            let moment = Moment(Timestamp::from_micros(micros));
            let text = serde_json::to_string(&moment).unwrap();
            assert_eq!(serde_json::from_str::<Moment>(&text).unwrap(), moment);
        }
        let text = serde_json::to_string(&Moment(Timestamp::from_micros(1_767_225_600_000_000)));
        assert_eq!(text.unwrap(), "\"2026-01-01T00:00:00Z\"");
        let elsewhere: Moment = serde_json::from_str("\"2026-01-01T02:00:00+02:00\"").unwrap();
        assert_eq!(elsewhere.0.as_micros(), 1_767_225_600_000_000);
        for wrong in [
            "\"tomorrow\"",
            "12",
            "\"2026-01-01\"",
            "\"99999-01-01T00:00:00Z\"",
        ] {
            assert!(serde_json::from_str::<Moment>(wrong).is_err(), "{wrong}");
        }
    }
}
