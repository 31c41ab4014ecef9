use serde::{
    Deserialize, Deserializer,
    de::{Visitor, value::Error},
    forward_to_deserialize_any,
};

use super::*;
use crate::standard::{
    Calendar, Profile, SHIPPED_CALENDAR, SHIPPED_PROFILE, SHIPPED_PROMISES, SHIPPED_STANDARDS,
    ServicePromises, Standard,
};

/// Asks a struct which keys it reads, and gives it nothing.
struct Asked<'a>(&'a mut Vec<&'static str>);

impl<'de> Deserializer<'de> for Asked<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("only asked"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.extend(fields);
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// The shape has the keys that `T` reads, and no other.
pub(super) fn holds<'de, T: Deserialize<'de>>(shape: &Shape) {
    let mut read = Vec::new();
    T::deserialize(Asked(&mut read)).err();
    let mut told: Vec<_> = shape.fields.iter().map(|field| field.name).collect();
    read.sort_unstable();
    told.sort_unstable();
    assert_eq!(told, read, "{}", shape.about);
}

#[test]
fn a_file_is_known_by_its_keys() {
    for file in SHIPPED_STANDARDS {
        assert_eq!(FileKind::guess(file.text), FileKind::Standard, "{}", file.name);
    }
    assert_eq!(FileKind::guess(SHIPPED_PROFILE.text), FileKind::Profile);
    assert_eq!(FileKind::guess(crate::money::PriceList::example_text()), FileKind::PriceList);
    assert_eq!(FileKind::guess(SHIPPED_PROMISES.text), FileKind::Promises);
    assert_eq!(FileKind::guess(SHIPPED_CALENDAR.text), FileKind::Calendar);
    assert_eq!(FileKind::guess("nonsense"), FileKind::Standard);
}

/// Line and message of every error of a standard.
fn told(text: &str) -> Vec<(usize, String)> {
    let errors = Standard::load(text).unwrap_err();
    errors.into_iter().map(|error| (error.line, error.message)).collect()
}

#[test]
fn every_wrong_key_is_told_in_one_run_beside_what_else_is_wrong() {
    let repair = SHIPPED_STANDARDS[0].text;
    let text = repair
        .replacen("version = 1", "version = \"one\"", 1)
        .replacen("mandatory_from", "mandatory_since", 1)
        .replacen("required = true", "requierd = true", 1)
        .replacen("door.open", "door.opne", 1);
    let told = told(&text);
    let messages: Vec<_> = told.iter().map(|(_, message)| message.as_str()).collect();
    let line = |needle: &str| text.lines().position(|line| line.contains(needle)).unwrap() + 1;
    assert_eq!(told[0].0, 1);
    assert!(messages[0].starts_with("`mandatory_from` is missing"), "{messages:?}");
    assert_eq!(told[1].0, line("version = \"one\""));
    assert!(messages[1].starts_with("`version` is a whole number"), "{messages:?}");
    assert_eq!(told[2].0, line("mandatory_since"));
    assert!(messages[2].starts_with("unknown key `mandatory_since`: write id,"), "{messages:?}");
    assert_eq!(told[3].0, line("requierd"));
    assert!(messages[3].contains("did you mean `required`?"), "{messages:?}");
    assert_eq!(told[4].0, line("door.opne"));
    assert_eq!(told.len(), 5, "{messages:?}");
}

#[test]
fn each_needed_key_is_missed_by_name_wherever_it_stands() {
    for (text, load) in [
        (SHIPPED_STANDARDS[0].text, (|text| Standard::load(text).map(|_| ())) as fn(&str) -> _),
        (SHIPPED_PROFILE.text, |text| Profile::load(text).map(|_| ())),
        (SHIPPED_PROMISES.text, |text| ServicePromises::load(text).map(|_| ())),
        (SHIPPED_CALENDAR.text, |text| Calendar::load(text).map(|_| ())),
        (crate::money::PriceList::example_text(), |text| {
            crate::money::PriceList::load(text).map(|_| ())
        }),
    ] {
        let kind = FileKind::guess(text);
        for field in kind.shape().fields.iter().filter(|field| field.needed) {
            let spoilt = text.replace(&format!("\n{} = ", field.name), "\nother = ");
            let spoilt = spoilt.replace(&format!("\n[[{}", field.name), "\n[[other");
            let spoilt = spoilt.replace(&format!("\n{}.", field.name), "\nother.");
            let Err(errors) = load(&spoilt) else { panic!("{} is not needed", field.name) };
            let missing = format!("`{}` is missing", field.name);
            assert!(errors.iter().any(|e| e.message.starts_with(&missing)), "{errors:?}");
        }
    }
}

#[test]
fn a_text_where_a_table_belongs_and_the_other_way_round_is_told_not_guessed() {
    let repair = SHIPPED_STANDARDS[0].text;
    let flat = repair.replacen(
        "title = { zh-Hans = \"敲门\", zh-Hant = \"敲門\", en = \"Knock\" }",
        "title = \"Knock\"",
        1,
    );
    assert_eq!(told(&flat).len(), 1);
    assert!(told(&flat)[0].1.contains("one text per language"), "{:?}", told(&flat));
    let nested = repair.replacen("kind = \"count\"", "kind = { name = \"count\" }", 1);
    assert!(told(&nested)[0].1.starts_with("`kind` is words in quotes"), "{:?}", told(&nested));
    let one = "phase = 1\noutcome = [1]\n";
    assert!(told(one).iter().any(|(_, m)| m.contains("[[phase]]")), "{:?}", told(one));
}

#[test]
fn several_mistakes_in_the_writing_itself_are_told_together() {
    let text = "id = \nversion = \n";
    assert!(told(text).len() >= 2, "{:?}", told(text));
}
