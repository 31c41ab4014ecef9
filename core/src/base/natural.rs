//! Names of places as people order and look for them: 2 before 10, 三单元 beside 3单元.
//!
//! It knows no place: a name whose numerals mean no number (三元里) is folded like any other, which
//! moves it in a list and hides nothing.

/// The text as it is compared: small letters, plain width, Chinese numerals as digits.
///
/// ```
/// use doorstep::base::folded;
/// assert_eq!(folded("Ｔower 三单元十二楼"), "tower 3单元12楼");
/// ```
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut numeral = Numeral::default();
    for c in text.chars() {
        if numeral.take(c) {
            continue;
        }
        numeral.end(&mut folded);
        match c {
            '\u{3000}' => folded.push(' '),
            // Full-width forms stand in the order of ASCII.
            '\u{ff01}'..='\u{ff5e}' => {
                let plain = char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c);
                folded.extend(plain.to_lowercase());
            }
            c => folded.extend(c.to_lowercase()),
        }
    }
    numeral.end(&mut folded);
    folded
}

/// A key whose plain order is the order people expect: numbers by value, punctuation only where it
/// keeps two numbers apart.
///
/// ```
/// use doorstep::base::natural_key;
/// assert!(natural_key("2单元") < natural_key("十单元"));
/// assert!(natural_key("Block 9") < natural_key("Block 10"));
/// ```
pub fn natural_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len() + 8);
    let mut digits = String::new();
    let mut gap = false;
    let flush = |digits: &mut String, key: &mut String| {
        if !digits.is_empty() {
            let bare = digits.trim_start_matches('0');
            // The length first: of two numbers the shorter is the smaller.
            key.push_str(&format!("{:02}{bare}", bare.len().min(99)));
            digits.clear();
        }
    };
    for c in folded(text).chars() {
        if c.is_ascii_digit() {
            if gap && digits.is_empty() && key.ends_with(|last: char| last.is_ascii_digit()) {
                key.push(' ');
            }
            digits.push(c);
            gap = false;
            continue;
        }
        flush(&mut digits, &mut key);
        if c.is_alphanumeric() {
            key.push(c);
            gap = false;
        } else {
            gap = true;
        }
    }
    flush(&mut digits, &mut key);
    key
}

/// A run of Chinese numerals under way: 十二, 一百零三, 二〇三.
#[derive(Default)]
struct Numeral {
    begun: bool,
    /// As written digit by digit.
    digits: String,
    /// With 十, 百 and 千.
    units: bool,
    sum: u64,
    digit: Option<u64>,
}

impl Numeral {
    /// Whether `c` goes on with it.
    fn take(&mut self, c: char) -> bool {
        const DIGITS: &str = "〇一二三四五六七八九";
        let digit = match c {
            '零' => Some(0),
            '两' | '兩' => Some(2),
            c => DIGITS.chars().position(|known| known == c).map(|place| place as u64),
        };
        let unit = match c {
            '十' => 10,
            '百' => 100,
            '千' => 1_000,
            _ => 0,
        };
        if let Some(digit) = digit {
            self.digits.push(char::from(b'0' + digit as u8));
            self.digit = Some(digit);
        } else if unit > 0 {
            self.units = true;
            self.sum = self.sum.saturating_add(self.digit.take().unwrap_or(1).saturating_mul(unit));
        } else {
            return false;
        }
        self.begun = true;
        true
    }

    fn end(&mut self, into: &mut String) {
        let ended = std::mem::take(self);
        if !ended.begun {
            return;
        }
        match ended.units {
            true => into.push_str(&ended.sum.saturating_add(ended.digit.unwrap_or(0)).to_string()),
            false => into.push_str(&ended.digits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut names: Vec<&str>) -> Vec<&str> {
        names.sort_by_key(|name| natural_key(name));
        names
    }

    #[test]
    fn numbers_go_by_value_in_whatever_script_they_are_written() {
        let stairs = ["十二单元", "3单元", "２单元", "一单元", "二十一单元", "10单元"];
        let expected = ["一单元", "２单元", "3单元", "10单元", "十二单元", "二十一单元"];
        assert_eq!(sorted(stairs.to_vec()), expected);
        let flats = ["1203", "203", "12-3", "12-10", "二〇四", "一百零三"];
        assert_eq!(sorted(flats.to_vec()), ["12-3", "12-10", "一百零三", "203", "二〇四", "1203"]);
    }

    #[test]
    fn names_go_by_their_letters_and_then_their_numbers() {
        let names = ["Tower B", "tower A", "Tower A 10", "Tower A 9"];
        assert_eq!(sorted(names.to_vec()), ["tower A", "Tower A 9", "Tower A 10", "Tower B"]);
        assert_eq!(natural_key("3 单元"), natural_key("三单元"));
        assert_ne!(natural_key("8-1203"), natural_key("81203"));
        assert_eq!(natural_key("007"), natural_key("7"));
    }

    #[test]
    fn hostile_names_end() {
        let long = "九".repeat(10_000) + &"千".repeat(10_000);
        assert!(!folded(&long).is_empty());
        assert!(natural_key(&"7".repeat(10_000)).starts_with("99"));
    }
}
