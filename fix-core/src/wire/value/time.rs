//! Dates and times as field values.

use super::{FromField, ToField, ValueError, whole_field};
use crate::{
    ascii::Sink,
    time::{Date, MONTH_YEAR_LEN, MonthYear, UTC_TIME_ONLY_LEN, UtcTimeOnly, UtcTimestamp},
};

impl FromField<'_> for UtcTimestamp {
    fn from_field(value: &[u8]) -> Result<Self, ValueError> {
        UtcTimestamp::parse(value)
    }
}

impl ToField for UtcTimestamp {
    fn to_field(&self, sink: &mut Sink<'_>) {
        self.write(sink);
    }

    #[inline(always)]
    fn is_left_out(&self) -> bool {
        *self == UtcTimestamp::default()
    }

    whole_field!(self, timestamp, *self);
}

impl FromField<'_> for Date {
    fn from_field(value: &[u8]) -> Result<Self, ValueError> {
        Date::parse(value)
    }
}

impl ToField for Date {
    fn to_field(&self, sink: &mut Sink<'_>) {
        sink.bytes(&self.format());
    }

    #[inline(always)]
    fn is_left_out(&self) -> bool {
        *self == Date::default()
    }
}

impl FromField<'_> for UtcTimeOnly {
    fn from_field(value: &[u8]) -> Result<Self, ValueError> {
        UtcTimeOnly::parse(value)
    }
}

impl ToField for UtcTimeOnly {
    fn to_field(&self, sink: &mut Sink<'_>) {
        let mut buffer = [0; UTC_TIME_ONLY_LEN];
        let len = self.format(&mut buffer);
        sink.bytes(buffer.get(..len).unwrap_or_default());
    }
}

impl FromField<'_> for MonthYear {
    fn from_field(value: &[u8]) -> Result<Self, ValueError> {
        MonthYear::parse(value)
    }
}

impl ToField for MonthYear {
    fn to_field(&self, sink: &mut Sink<'_>) {
        let mut buffer = [0; MONTH_YEAR_LEN];
        let len = self.format(&mut buffer);
        sink.bytes(buffer.get(..len).unwrap_or_default());
    }
}
