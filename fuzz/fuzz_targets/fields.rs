//! Values of every type: what is read can be written, reads back as the same, and is then in its one canonical
//! form. Arithmetic on two prices is exact or says that it is not.
#![no_main]

use fix_core::{
    decimal::Decimal,
    tag::Tag,
    time::{Date, MonthYear, UtcTimeOnly, UtcTimestamp},
    wire::{
        field::Fields,
        value::{DayOfMonth, FromField, MultipleValue, Secret, Text, ToField},
        writer::Writer,
    },
};
use libfuzzer_sys::fuzz_target;

fn written(value: impl ToField) -> Vec<u8> {
    let mut buffer = [0; 8192];
    let mut writer = Writer::fields(&mut buffer);
    writer.field(Tag(1), value);
    let len = writer.finish_fields().expect("what was read can be written");
    buffer[2..len - 1].to_vec()
}

fn check(text: &[u8]) {
    macro_rules! types {
        ($($kind:ty),*) => {$(
            if let Ok(value) = <$kind>::from_field(text) {
                let once = written(value);
                let again = <$kind>::from_field(&once).expect(stringify!($kind));
                assert!(again == value, "{} {} is written {}", stringify!($kind), show(text), show(&once));
                assert_eq!(show(&written(again)), show(&once), "{}", stringify!($kind));
            }
        )*};
    }
    types!(u64, u32, i64, u8, bool, Decimal, DayOfMonth, UtcTimestamp, Date, UtcTimeOnly, MonthYear);
    types!(&[u8], &str, Text<'_>, Secret<'_>, MultipleValue<'_>);
}

fn show(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

fn calculate(a: Decimal, b: Decimal) {
    if let Some(sum) = a.checked_add(b) {
        assert!(sum.checked_sub(b).is_none_or(|back| back == a), "{a} + {b} = {sum}");
        assert_eq!(b.checked_add(a), Some(sum));
    }
    if let Some(product) = a.checked_mul(b) {
        assert_eq!(b.checked_mul(a), Some(product));
        assert_eq!(product.is_zero(), a.is_zero() || b.is_zero(), "{a} * {b} = {product}");
    }
    let _ = (a.checked_div(b, 8), a.rescale(b.scale()), a.is_multiple_of(b));
    assert_eq!(a.normalized(), a);
    assert_eq!(a.to_string().parse(), Ok(a));
    assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
}

fuzz_target!(|input: &[u8]| {
    let mut prices = Vec::new();
    for field in Fields::new(input).valid() {
        // Only a data field's value has SOH inside, and that type is written together with its length.
        if field.value.contains(&1) {
            continue;
        }
        check(field.value);
        prices.extend(Decimal::parse(field.value));
    }
    for pair in prices.windows(2) {
        calculate(pair[0], pair[1]);
    }
});
