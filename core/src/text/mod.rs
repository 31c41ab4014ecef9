//! Texts for people, from the Fluent files in `core/i18n`: one file per subject and language.
//!
//! Every message stands in all three languages with the same variables; a test keeps it so. A new
//! subject is a new file in each language and a line in `SUBJECTS`. Amounts and other numbers
//! that must stay exact are handed over as text: Fluent's own numbers are floats.

use std::sync::OnceLock;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};

use crate::base::Lang;

/// The message `prefix-id`, with `id` as data writes it; the id itself where no file knows it.
pub(crate) fn named(lang: Lang, prefix: &str, id: &str) -> String {
    let key = format!("{prefix}-{}", id.replace('_', "-"));
    find(lang, &key, &[]).unwrap_or_else(|| id.to_owned())
}

/// The id of a plain enum as its JSON writes it.
pub(crate) fn id_of<T: serde::Serialize>(value: &T) -> String {
    let json = serde_json::to_value(value).unwrap_or_default();
    json.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;

/// A value to put into a message: text, or a number that only chooses between wordings.
pub type Value<'a> = fluent_bundle::FluentValue<'a>;

type Bundle = FluentBundle<FluentResource>;

macro_rules! subject {
    ($name:literal) => {
        [
            include_str!(concat!("../../i18n/zh-Hans/", $name, ".ftl")),
            include_str!(concat!("../../i18n/zh-Hant/", $name, ".ftl")),
            include_str!(concat!("../../i18n/en/", $name, ".ftl")),
        ]
    };
}

/// Every subject's file, in the order of [`Lang::ALL`].
const SUBJECTS: &[[&str; 3]] = &[
    subject!("alarm"),
    subject!("author"),
    subject!("complaint"),
    subject!("conflict"),
    subject!("conflict_rule"),
    subject!("money"),
    subject!("notice"),
    subject!("receipt"),
    subject!("refused"),
    subject!("screen"),
    subject!("statement"),
    subject!("story"),
    subject!("sync"),
    subject!("verify"),
    subject!("visit"),
];

/// The message `id` in `lang` with `args` put in. An id that no file has comes back in brackets,
/// so that a gap is seen and nothing breaks.
///
/// ```
/// use doorstep::{base::Lang, text::tr};
/// let text = tr(Lang::En, "receipt-copy", &[("copy", "2".into())]);
/// assert_eq!(text, "Copy 2");
/// ```
pub fn tr(lang: Lang, id: &str, args: &[(&str, Value<'_>)]) -> String {
    find(lang, id, args).unwrap_or_else(|| format!("⟨{id}⟩"))
}

/// The message `id` in `lang`, or `None` when no file has it: for ids that come from data.
pub fn find(lang: Lang, id: &str, args: &[(&str, Value<'_>)]) -> Option<String> {
    let bundle = bundle(lang);
    let pattern = bundle.get_message(id)?.value()?;
    let args: FluentArgs<'_> = args.iter().map(|(name, value)| (*name, value.clone())).collect();
    let mut errors = Vec::new();
    Some(bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned())
}

fn bundle(lang: Lang) -> &'static Bundle {
    static BUNDLES: OnceLock<[Bundle; 3]> = OnceLock::new();
    let [hans, hant, en] = BUNDLES.get_or_init(|| [build(0), build(1), build(2)]);
    match lang {
        Lang::ZhHans => hans,
        Lang::ZhHant => hant,
        Lang::En => en,
    }
}

fn build(place: usize) -> Bundle {
    let tag = Lang::ALL[place].tag().parse().expect("our own tags are well-formed");
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    // Paper and printers would show the marks as boxes, and no text here runs right to left.
    bundle.set_use_isolating(false);
    for subject in SUBJECTS {
        // A broken message is left out and shows as its id; the tests refuse such a file.
        let resource = FluentResource::try_new(subject[place].to_owned())
            .unwrap_or_else(|(readable, _)| readable);
        let _ = bundle.add_resource(resource);
    }
    bundle
}
