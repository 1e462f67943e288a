//! A list of commands, cut into its entries without reading them: what is wrong with one refuses no other.

use crate::contract::order_error::OrderProblem;

/// Commands in one list, at most.
pub const MAX_ORDERS: usize = 1000;
/// The longest list, in bytes.
pub const MAX_LIST_BYTES: usize = 1024 * 1024;

/// True if the text begins as a list does.
pub fn is_list(json: &[u8]) -> bool {
    json.trim_ascii_start().first() == Some(&b'[')
}

/// The entries of a list, each as it stands there.
///
/// # Errors
/// [`OrderProblem::NoList`] where it does not end as a list does; [`OrderProblem::NoOrders`],
/// [`OrderProblem::TooManyOrders`].
pub fn entries(json: &[u8]) -> Result<Vec<&[u8]>, OrderProblem> {
    let no_list = |why| OrderProblem::NoList { why };
    let inside = json.trim_ascii().strip_prefix(b"[").ok_or(no_list("it does not begin with ["))?;
    let (mut entries, mut open, mut begin, mut end) = (Vec::new(), Vec::new(), 0, None);
    let mut at = 0;
    while let Some(byte) = inside.get(at) {
        match byte {
            b'"' => at = end_of_text(inside, at).ok_or(no_list("a text in it does not end"))?,
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' if open.last() == Some(byte) => drop(open.pop()),
            b']' if open.is_empty() => {
                end = Some(at);
                break;
            }
            b'}' | b']' => return Err(no_list("its brackets do not match")),
            b',' if open.is_empty() => {
                entries.push(inside[begin..at].trim_ascii());
                begin = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    let end = end.ok_or(no_list("it does not end"))?;
    if end + 1 != inside.len() {
        return Err(no_list("something stands behind it"));
    }
    let last = inside[begin..end].trim_ascii();
    match (entries.is_empty(), last.is_empty()) {
        (true, true) => return Err(OrderProblem::NoOrders),
        (false, true) => return Err(no_list("its last entry is empty")),
        (_, false) => entries.push(last),
    }
    match entries.len() {
        1..=MAX_ORDERS => Ok(entries),
        orders => Err(OrderProblem::TooManyOrders { orders, max: MAX_ORDERS }),
    }
}

/// Where the text that begins at `begin` has its last quote.
fn end_of_text(json: &[u8], begin: usize) -> Option<usize> {
    let mut at = begin + 1;
    loop {
        match json.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(json: &str) -> Result<Vec<&str>, String> {
        let entries = entries(json.as_bytes()).map_err(|problem| problem.to_string())?;
        Ok(entries.into_iter().map(|entry| std::str::from_utf8(entry).unwrap()).collect())
    }

    #[test]
    fn entries_are_cut_where_the_list_has_its_commas() {
        assert_eq!(
            cut(r#" [ {"a":[1,{"b":2}]} , {"c":"],\"},["},NaN] "#).unwrap(),
            [r#"{"a":[1,{"b":2}]}"#, r#"{"c":"],\"},["}"#, "NaN"]
        );
        assert_eq!(cut(r#"[{"a":"\\"},{}]"#).unwrap(), [r#"{"a":"\\"}"#, "{}"]);
    }

    #[test]
    fn what_is_no_list_is_refused_as_a_whole() {
        for (json, why) in [
            ("[]", "the list has no orders"),
            ("[ ]", "the list has no orders"),
            ("[{}", "it does not end"),
            ("[{]", "its brackets do not match"),
            ("[{}}]", "its brackets do not match"),
            (r#"[{"a":"]"#, "a text in it does not end"),
            (r#"[{"a":"\"#, "a text in it does not end"),
            ("[{},]", "its last entry is empty"),
            ("[{}] []", "something stands behind it"),
            ("{}", "it does not begin with ["),
        ] {
            let error = cut(json).unwrap_err();
            assert!(error.contains(why), "{json}: {error}");
        }
        let many = |count: usize| format!("[{}]", vec!["{}"; count].join(","));
        assert_eq!(cut(&many(MAX_ORDERS)).unwrap().len(), MAX_ORDERS);
        assert_eq!(
            cut(&many(MAX_ORDERS + 1)).unwrap_err(),
            "the list has 1001 orders; at most 1000 are taken"
        );
    }
}
