//! Money: whole minor units of one currency. No floats anywhere near it.

use std::fmt;

use minicbor::{Decode, Encode, decode, encode};

/// An ISO 4217 code, three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Renminbi.
    pub const CNY: Currency = Currency(*b"CNY");

    /// The currency with this code; `None` unless it is three capital letters.
    pub fn new(code: &str) -> Option<Currency> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Currency(bytes))
    }

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Decimal digits of the minor unit (ISO 4217): 2, save the few currencies that have none or three.
    pub fn exponent(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount in minor units (fen, cents) of one currency. CBOR: `[minor, "CNY"]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units; negative only where a difference can be.
    pub minor: i64,
    /// Whose minor units.
    pub currency: Currency,
}

/// What money can't do. Nothing is recorded when one of these comes back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The result doesn't fit 64 bits.
    #[error("the amount is too large: more than {} minor units", i64::MAX)]
    TooLarge,
    /// Two currencies in one sum.
    #[error("{0} and {1} cannot be added: use one currency")]
    Mixed(Currency, Currency),
    /// Not a decimal number with at most the currency's digits.
    #[error("`{0}` is not an amount in {1}: write it like {example}", example = example(*.1))]
    NotAnAmount(String, Currency),
}

/// An amount as it is written in a currency.
fn example(currency: Currency) -> Money {
    Money { minor: 123 * 10_i64.pow(currency.exponent()), currency }
}

impl Money {
    /// `minor` units of `currency`.
    pub const fn new(minor: i64, currency: Currency) -> Money {
        Money { minor, currency }
    }

    /// Nothing, in `currency`.
    pub const fn zero(currency: Currency) -> Money {
        Money { minor: 0, currency }
    }

    /// The sum; an error when currencies differ or it would overflow.
    pub fn plus(self, other: Money) -> Result<Money, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference; may be negative.
    pub fn minus(self, other: Money) -> Result<Money, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// `count` times this amount.
    pub fn times(self, count: i64) -> Result<Money, MoneyError> {
        let minor = self.minor.checked_mul(count).ok_or(MoneyError::TooLarge)?;
        Ok(Money { minor, ..self })
    }

    /// The sum of `amounts`, zero of `currency` when there are none.
    pub fn sum(
        currency: Currency,
        amounts: impl IntoIterator<Item = Money>,
    ) -> Result<Money, MoneyError> {
        amounts.into_iter().try_fold(Money::zero(currency), Money::plus)
    }

    /// Reads `123.4`, `123.40` or `-5`; never more digits than the currency has.
    pub fn parse(text: &str, currency: Currency) -> Result<Money, MoneyError> {
        let wrong = || MoneyError::NotAnAmount(text.chars().take(40).collect(), currency);
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let exponent = currency.exponent() as usize;
        let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) || fraction.len() > exponent.max(1) {
            return Err(wrong());
        }
        let padded = format!("{whole}{fraction:0<exponent$}");
        let padded = if exponent == 0 { whole } else { &padded };
        if exponent == 0 && fraction.bytes().any(|b| b != b'0') {
            return Err(wrong());
        }
        let minor: i64 = padded.parse().map_err(|_| MoneyError::TooLarge)?;
        Ok(Money { minor: if negative { -minor } else { minor }, currency })
    }

    fn combine(self, other: Money, how: fn(i64, i64) -> Option<i64>) -> Result<Money, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Mixed(self.currency, other.currency));
        }
        let minor = how(self.minor, other.minor).ok_or(MoneyError::TooLarge)?;
        Ok(Money { minor, ..self })
    }
}

impl fmt::Display for Money {
    /// The number alone, like `123.40`: callers add the currency where it could be in doubt.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = self.currency.exponent();
        let unit = 10_u64.pow(exponent);
        let sign = if self.minor < 0 { "-" } else { "" };
        let (whole, part) = (self.minor.unsigned_abs() / unit, self.minor.unsigned_abs() % unit);
        if exponent == 0 {
            write!(f, "{sign}{whole}")
        } else {
            write!(f, "{sign}{whole}.{part:0width$}", width = exponent as usize)
        }
    }
}

impl<C> Encode<C> for Money {
    fn encode<W: encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(2)?.i64(self.minor)?.str(self.currency.code())?;
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for Money {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Money, decode::Error> {
        if d.array()? != Some(2) {
            return Err(decode::Error::message("money is [minor units, currency]"));
        }
        let minor = d.i64()?;
        let currency = Currency::new(d.str()?)
            .ok_or_else(|| decode::Error::message("a currency is three capital letters"))?;
        Ok(Money { minor, currency })
    }
}

impl serde::Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self} {}", self.currency))
    }
}

impl<'de> serde::Deserialize<'de> for Money {
    /// Reads what `Serialize` writes: `"123.40 CNY"`.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
        let text = String::deserialize(deserializer)?;
        let parsed = text
            .split_once(' ')
            .and_then(|(number, code)| Money::parse(number, Currency::new(code)?).ok());
        parsed.ok_or_else(|| serde::de::Error::custom("money reads like `123.40 CNY`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cny(text: &str) -> Result<Money, MoneyError> {
        Money::parse(text, Currency::CNY)
    }

    #[test]
    fn amounts_read_and_print_to_the_fen() {
        assert_eq!(cny("123.4").unwrap(), Money::new(12_340, Currency::CNY));
        assert_eq!(cny("0.05").unwrap().to_string(), "0.05");
        assert_eq!(cny("-1.50").unwrap().to_string(), "-1.50");
        assert_eq!(cny("200").unwrap().to_string(), "200.00");
    }

    #[test]
    fn what_is_not_an_amount_is_refused_in_words() {
        for text in ["", ".", "1.234", "1,20", "１", "+1", "1e3", "--1"] {
            assert!(matches!(cny(text), Err(MoneyError::NotAnAmount(..))), "{text}");
        }
        assert_eq!(cny("99999999999999999999"), Err(MoneyError::TooLarge));
        for (code, text, told) in [
            ("CNY", "3,45", "`3,45` is not an amount in CNY: write it like 123.00"),
            ("JPY", "30.50", "`30.50` is not an amount in JPY: write it like 123"),
            ("KWD", "1.2345", "`1.2345` is not an amount in KWD: write it like 123.000"),
        ] {
            let refused = Money::parse(text, Currency::new(code).unwrap()).unwrap_err();
            assert_eq!(refused.to_string(), told);
        }
    }

    #[test]
    fn a_currency_has_as_many_digits_as_its_standard_says() {
        for (code, text, minor) in
            [("KWD", "1.5", 1_500), ("JPY", "180", 180), ("GBP", "3.45", 345)]
        {
            let money = Money::parse(text, Currency::new(code).unwrap()).unwrap();
            assert_eq!(money.minor, minor, "{code}");
            assert_eq!(Money::parse(&money.to_string(), money.currency), Ok(money));
        }
    }

    #[test]
    fn sums_refuse_two_currencies_and_overflow() {
        let euro = Money::new(1, Currency::new("EUR").unwrap());
        assert!(matches!(cny("1").unwrap().plus(euro), Err(MoneyError::Mixed(..))));
        let most = Money::new(i64::MAX, Currency::CNY);
        assert_eq!(most.plus(Money::new(1, Currency::CNY)), Err(MoneyError::TooLarge));
        assert_eq!(most.times(2), Err(MoneyError::TooLarge));
    }
}
