//! Amounts in Chinese capital numerals, as bank slips and receipts write them.
//!
//! Where the rule leaves 零 free (a 0 in the yuan's place before jiao), it is written: it leaves
//! no room to slip a digit in. 整 closes every amount that has no fen.

use crate::base::{Currency, Money};

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const YI: u64 = 100_000_000;
const WAN: u64 = 10_000;

/// The amount in capital numerals, like 壹佰贰拾叁元肆角整; a negative one begins with 负. `None`
/// for a currency other than renminbi, which has no yuan, jiao and fen.
pub fn capital_numerals(amount: Money) -> Option<String> {
    if amount.currency != Currency::CNY {
        return None;
    }
    let minor = amount.minor.unsigned_abs();
    let (yuan, jiao, fen) = (minor / 100, minor / 10 % 10, minor % 10);
    let mut out = String::new();
    if amount.minor < 0 {
        out.push('负');
    }
    if yuan > 0 || minor == 0 {
        out.push_str(&whole(yuan));
        out.push('元');
    }
    if jiao > 0 {
        if yuan > 0 && yuan.is_multiple_of(10) {
            out.push('零');
        }
        out.extend([digit(jiao), '角']);
    } else if fen > 0 && yuan > 0 {
        out.push('零');
    }
    if fen > 0 {
        out.extend([digit(fen), '分']);
    } else {
        out.push('整');
    }
    Some(out)
}

/// A whole number: its 亿, its 万 and the rest, each with a 零 before it where places are skipped.
/// Beyond 亿亿 the number of 亿 is itself written this way.
fn whole(number: u64) -> String {
    if number == 0 {
        return digit(0).to_string();
    }
    let mut out = String::new();
    let (yi, rest) = (number / YI, number % YI);
    if yi > 0 {
        out.push_str(&whole(yi));
        out.push('亿');
    }
    let (wan, ones) = (rest / WAN, rest % WAN);
    let mut skipped = false;
    for (group, unit) in [(wan, Some('万')), (ones, None)] {
        if group == 0 {
            skipped = true;
            continue;
        }
        if !out.is_empty() && (skipped || group < 1000) {
            out.push('零');
        }
        out.push_str(&below_wan(group));
        out.extend(unit);
        skipped = false;
    }
    out
}

/// 1 to 9999.
fn below_wan(number: u64) -> String {
    let mut out = String::new();
    let mut skipped = false;
    for (place, unit) in [(1000, Some('仟')), (100, Some('佰')), (10, Some('拾')), (1, None)] {
        let value = number / place % 10;
        if value == 0 {
            skipped = true;
            continue;
        }
        if skipped && !out.is_empty() {
            out.push('零');
        }
        out.push(digit(value));
        out.extend(unit);
        skipped = false;
    }
    out
}

fn digit(value: u64) -> char {
    DIGITS[(value % 10) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capitals(minor: i64) -> String {
        capital_numerals(Money::new(minor, Currency::CNY)).unwrap()
    }

    #[test]
    fn receipts_read_as_the_bank_rule_writes_them() {
        let table = [
            ("0", "零元整"),
            ("0.05", "伍分"),
            ("0.50", "伍角整"),
            ("0.53", "伍角叁分"),
            ("1.00", "壹元整"),
            ("1.05", "壹元零伍分"),
            ("10.00", "壹拾元整"),
            ("10.50", "壹拾元零伍角整"),
            ("11.50", "壹拾壹元伍角整"),
            ("123.40", "壹佰贰拾叁元肆角整"),
            ("325.00", "叁佰贰拾伍元整"),
            ("325.04", "叁佰贰拾伍元零肆分"),
            ("417.50", "肆佰壹拾柒元伍角整"),
            ("1005.00", "壹仟零伍元整"),
            ("1050.00", "壹仟零伍拾元整"),
            ("1409.50", "壹仟肆佰零玖元伍角整"),
            ("1680.32", "壹仟陆佰捌拾元零叁角贰分"),
            ("6007.14", "陆仟零柒元壹角肆分"),
            ("10000.00", "壹万元整"),
            ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
            ("100005.06", "壹拾万零伍元零陆分"),
            ("100500.00", "壹拾万零伍佰元整"),
            ("107000.53", "壹拾万柒仟元零伍角叁分"),
            ("1000000.00", "壹佰万元整"),
            ("20010000.00", "贰仟零壹万元整"),
            ("100000000.00", "壹亿元整"),
            ("100000001.00", "壹亿零壹元整"),
            ("100010000.00", "壹亿零壹万元整"),
            ("150001000.00", "壹亿伍仟万壹仟元整"),
            ("1000000001000.00", "壹万亿零壹仟元整"),
            ("-76.60", "负柒拾陆元陆角整"),
            (
                "92233720368547758.07",
                "玖亿贰仟贰佰叁拾叁万柒仟贰佰零叁亿陆仟捌佰伍拾肆万柒仟柒佰伍拾捌元零柒分",
            ),
        ];
        for (figures, words) in table {
            let amount = Money::parse(figures, Currency::CNY).unwrap();
            assert_eq!(capital_numerals(amount).unwrap(), words, "{figures}");
        }
    }

    #[test]
    fn other_currencies_have_no_capitals() {
        assert_eq!(capital_numerals(Money::new(1, Currency::new("EUR").unwrap())), None);
    }

    /// Reads capital numerals back into minor units, knowing nothing of how they were made.
    fn read_back(text: &str) -> i128 {
        let (sign, text) = match text.strip_prefix('负') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let text = text.trim_end_matches('整');
        let (yuan, rest) = text.split_once('元').unwrap_or(("", text));
        let mut minor = read_whole(yuan) * 100;
        let mut value = 0;
        for c in rest.chars() {
            match c {
                '角' => minor += value * 10,
                '分' => minor += value,
                digit => value = digit_value(digit),
            }
        }
        sign * minor
    }

    fn read_whole(text: &str) -> i128 {
        if let Some((high, low)) = text.rsplit_once('亿') {
            return read_whole(high) * 100_000_000 + read_whole(low);
        }
        if let Some((high, low)) = text.rsplit_once('万') {
            return read_whole(high) * 10_000 + read_whole(low);
        }
        let (mut sum, mut value) = (0, 0);
        for c in text.chars() {
            match c {
                '仟' => sum += std::mem::take(&mut value) * 1000,
                '佰' => sum += std::mem::take(&mut value) * 100,
                '拾' => sum += std::mem::take(&mut value) * 10,
                digit => value = digit_value(digit),
            }
        }
        sum + value
    }

    fn digit_value(digit: char) -> i128 {
        DIGITS.iter().position(|d| *d == digit).unwrap() as i128
    }

    #[test]
    fn every_amount_reads_back_as_itself() {
        let mut amounts: Vec<i64> = (0..30_000).collect();
        // Every pattern of zeros and ones over the places, then amounts spread over the range.
        for mask in 0..(1_u32 << 18) {
            amounts
                .push((0..18).filter(|place| mask >> place & 1 == 1).map(|p| 10_i64.pow(p)).sum());
        }
        let mut state = 1_u64;
        for step in 0..50_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step);
            amounts.push((state >> (step % 60)) as i64);
        }
        amounts.extend([i64::MAX, i64::MIN, i64::MIN + 1]);
        for amount in amounts {
            let words = capitals(amount);
            assert_eq!(read_back(&words), i128::from(amount), "{words}");
            assert!(!words.contains("零零") && !words.contains("零元零"), "{words}");
        }
    }
}
