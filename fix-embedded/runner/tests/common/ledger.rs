//! What a counterparty's ledger must say of the board.

use std::collections::BTreeMap;

use runner::counterparty::field;

/// Each number of the board stands for one message, none is left out, and no order came twice.
pub fn is_whole(ledger: &[String]) -> Result<(), String> {
    let mut numbers: BTreeMap<u64, &str> = BTreeMap::new();
    let mut ids: BTreeMap<&str, u64> = BTreeMap::new();
    for line in ledger.iter().filter(|line| line.contains("|49=TRADEDESK|")) {
        let number = |tag| field(line, tag).and_then(|text| text.parse::<u64>().ok());
        let end = number("36").filter(|_| field(line, "123") == Some("Y"));
        let number = number("34").ok_or(format!("no number: {line}"))?;
        if field(line, "43") == Some("Y") {
            // A resend. A gap fill stands for all numbers before its NewSeqNo(36).
            for number in number..end.unwrap_or(number + 1) {
                numbers.entry(number).or_insert(line);
            }
            continue;
        }
        if let Some(before) = numbers.insert(number, line) {
            return Err(format!("two messages of the number {number}:\n{before}\n{line}"));
        }
        if let (Some("D"), Some(id)) = (field(line, "35"), field(line, "11"))
            && let Some(before) = ids.insert(id, number)
        {
            return Err(format!("{id} came twice, as {before} and as {number}"));
        }
    }
    let (Some(first), Some(last)) = (numbers.keys().next(), numbers.keys().next_back()) else {
        return Err("nothing came from the board".into());
    };
    let expected = usize::try_from(last - first + 1).unwrap_or(usize::MAX);
    if expected == numbers.len() { Ok(()) } else { Err(format!("numbers missing: {ledger:#?}")) }
}
