//! `doorstep standard schema`: the shapes of files as JSON Schema.

use doorstep::{
    base::Lang,
    standard::{FileKind, MAX_BYTES, Shape, What},
};
use serde_json::{Map, Value, json};

/// The schema of a kind of file, as text.
pub(crate) fn schema(kind: FileKind) -> String {
    let mut schema = table(kind.shape());
    schema.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    schema.insert("title".into(), format!("Doorstep: {}", kind.name()).into());
    format!("{:#}", Value::from(schema))
}

fn table(shape: &Shape) -> Map<String, Value> {
    let properties: Map<String, Value> = shape
        .fields
        .iter()
        .map(|field| {
            let mut value = what(&field.what);
            value.insert("description".into(), field.about.into());
            (field.name.to_owned(), value.into())
        })
        .collect();
    let needed = shape.fields.iter().filter(|field| field.needed).map(|field| field.name);
    object(json!({
        "type": "object",
        "description": shape.about,
        "properties": properties,
        "required": needed.collect::<Vec<_>>(),
        "additionalProperties": false,
    }))
}

fn what(what_: &What) -> Map<String, Value> {
    let condition = json!({ "type": "string", "minLength": 1, "maxLength": MAX_BYTES });
    object(match what_ {
        What::Words => json!({ "type": "string", "minLength": 1 }),
        What::Id => json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$" }),
        What::Name(most) => {
            json!({ "type": "string", "pattern": format!("^[a-z0-9-]{{1,{most}}}$") })
        }
        What::OneOf(known) => json!({ "enum": known }),
        What::Day => json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
        What::Condition => condition,
        What::Required => json!({ "anyOf": [{ "type": "boolean" }, condition] }),
        What::Flag => json!({ "type": "boolean" }),
        What::Number(from, to) => json!({ "type": "integer", "minimum": from, "maximum": to }),
        What::Price => json!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$" }),
        What::Texts => {
            let text = json!({ "type": "string", "pattern": "\\S", "maxLength": 1000 });
            let texts: Map<String, Value> =
                Lang::ALL.iter().map(|lang| (lang.tag().to_owned(), text.clone())).collect();
            json!({
                "type": "object",
                "properties": texts,
                "required": Lang::ALL.map(Lang::tag),
                "additionalProperties": false,
            })
        }
        What::List(inner) => json!({ "type": "array", "items": what(inner) }),
        What::Table(shape) => return table(shape),
        What::Tables(shape) => json!({ "type": "array", "items": table(shape) }),
    })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
