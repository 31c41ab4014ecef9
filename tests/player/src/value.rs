//! Values of steps as people write them: by the step's kind, or by their shape where it is unknown.

use doorstep::{
    base::{Decimal, Hash},
    standard::Kind,
};
use serde_json::{Value, json};

/// The answer's JSON. `kind` is the step's, where the standard has such a step; `picture` is what the
/// picture of such a name is known by.
pub(crate) fn answer(
    kind: Option<&Kind>,
    value: Option<&toml::Value>,
    text: Option<&str>,
    remark: Option<&str>,
    picture: &dyn Fn(&str) -> Hash,
) -> Result<Value, String> {
    let mut answer = match (value, text) {
        (None, None) => json!({ "value": "done" }),
        (None, Some(text)) => json!({ "value": "written", "text": text }),
        (Some(toml::Value::String(words)), None) if is_text(kind) => {
            json!({ "value": "written", "text": words })
        }
        (Some(value), text) => {
            let mut answer = json!({ "value": plain(kind, value, picture)? });
            if let Some(text) = text {
                answer["text"] = json!(text);
            }
            answer
        }
    };
    if let Some(remark) = remark {
        answer["note"] = json!(remark);
    }
    Ok(answer)
}

fn is_text(kind: Option<&Kind>) -> bool {
    matches!(kind, Some(Kind::Text { .. } | Kind::Hazard | Kind::Handover))
}

fn plain(
    kind: Option<&Kind>,
    value: &toml::Value,
    picture: &dyn Fn(&str) -> Hash,
) -> Result<Value, String> {
    let number = matches!(kind, Some(Kind::Number { .. } | Kind::Reading { .. }));
    match value {
        toml::Value::Boolean(true) => Ok(json!("done")),
        toml::Value::Integer(n) if number => Ok(json!({ "number": n.to_string() })),
        toml::Value::Integer(n) => Ok(json!({ "count": n })),
        toml::Value::Float(_) => Err("write a measured number in quotes, like \"2.08\"".to_owned()),
        toml::Value::String(text) if number => {
            let number: Decimal = text.parse().map_err(|error| format!("{error}"))?;
            Ok(json!({ "number": number.to_string() }))
        }
        toml::Value::String(text) => Ok(match kind {
            Some(Kind::Photo) => json!({ "photo": picture(text) }),
            Some(Kind::Scan) => json!({ "scan": text }),
            _ => json!({ "choice": text }),
        }),
        toml::Value::Array(values) if values.iter().all(toml::Value::is_integer) => {
            Ok(json!({ "presses": values }))
        }
        toml::Value::Array(values) => Ok(json!({ "many": values })),
        toml::Value::Table(table) => {
            let forms = ["count", "presses", "choice", "many", "number", "photo", "scan"];
            let explicit =
                table.len() == 1 && table.keys().all(|key| forms.contains(&key.as_str()));
            if explicit && !matches!(kind, Some(Kind::Checklist(_))) {
                Ok(json!(table))
            } else {
                Ok(json!({ "checklist": table }))
            }
        }
        _ => Err("a step's value is true, a number, text, a list or a table".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(picture: &str) -> Hash {
        Hash::of(&[picture.as_bytes()])
    }

    fn read(kind: Option<&Kind>, toml: &str) -> Value {
        let table: toml::Table = format!("value = {toml}").parse().unwrap();
        answer(kind, table.get("value"), None, None, &named).unwrap()
    }

    #[test]
    fn the_steps_kind_says_what_a_value_means() {
        let text = Kind::Text { max_length: 10 };
        assert_eq!(read(Some(&text), "\"x\""), json!({ "value": "written", "text": "x" }));
        let kpa = Kind::Number { unit: "kPa".into(), decimals: 2 };
        assert_eq!(read(Some(&kpa), "\"2.08\""), json!({ "value": { "number": "2.08" } }));
        let photo = read(Some(&Kind::Photo), "\"door\"");
        assert_eq!(photo, json!({ "value": { "photo": named("door") } }));
        assert_eq!(read(None, "3"), json!({ "value": { "count": 3 } }));
        assert_eq!(read(None, "[2000, 500]"), json!({ "value": { "presses": [2000, 500] } }));
        assert_eq!(read(None, "[\"a\"]"), json!({ "value": { "many": ["a"] } }));
        assert_eq!(read(None, "{ count = -1 }"), json!({ "value": { "count": -1 } }));
        assert_eq!(
            answer(None, None, None, Some("r"), &named).unwrap(),
            json!({ "value": "done", "note": "r" })
        );
        assert!(answer(None, Some(&toml::Value::Float(1.5)), None, None, &named).is_err());
    }
}
