//! What keys a file may have, and what stands under them: one table per kind of file.
//!
//! It tells every key that is unknown, missing or of another kind at once, where reading into
//! structs stops at the first; editors get their schema from it. What the values mean is judged
//! where the file is read. Tests hold it to those readers, key by key.

mod files;
mod mend;
mod standard;

pub(crate) use mend::read;

/// A table of a file.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// What it is.
    pub about: &'static str,
    /// Its keys.
    pub fields: &'static [Field],
}

/// A key of a table.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// Whether the table is not understood without it.
    pub needed: bool,
    /// What stands under it.
    pub what: What,
    /// What it says, for whoever writes the file.
    pub about: &'static str,
}

/// What stands under a key.
#[derive(Debug, Clone, Copy)]
pub enum What {
    /// Words.
    Words,
    /// An id: small letters, digits and `_`, a letter first, at most 40.
    Id,
    /// A name of small letters, digits and `-`, so many at most.
    Name(u32),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A day like `2026-12-01`, in quotes.
    Day,
    /// A condition, in quotes.
    Condition,
    /// `true`, `false` or a condition.
    Required,
    /// `true` or `false`.
    Flag,
    /// A whole number from the first to the second.
    Number(u32, u32),
    /// A price like `3.50`, in quotes.
    Price,
    /// The same words in every language of [`crate::base::Lang`].
    Texts,
    /// A list.
    List(&'static What),
    /// A table.
    Table(&'static Shape),
    /// Tables one after another: `[[key]]`.
    Tables(&'static Shape),
}

/// A kind of file that people write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// How one kind of visit is done.
    Standard,
    /// What a jurisdiction and a utility set for themselves.
    Profile,
    /// The published prices.
    PriceList,
    /// What the office promises.
    Promises,
    /// Holidays and make-up working days.
    Calendar,
}

impl FileKind {
    /// Every kind.
    pub const ALL: [FileKind; 5] = [
        FileKind::Standard,
        FileKind::Profile,
        FileKind::PriceList,
        FileKind::Promises,
        FileKind::Calendar,
    ];

    /// Its name on the command line and of its schema.
    pub const fn name(self) -> &'static str {
        match self {
            FileKind::Standard => "standard",
            FileKind::Profile => "profile",
            FileKind::PriceList => "price-list",
            FileKind::Promises => "service-promises",
            FileKind::Calendar => "calendar",
        }
    }

    /// What such a file looks like.
    pub const fn shape(self) -> &'static Shape {
        match self {
            FileKind::Standard => &standard::STANDARD,
            FileKind::Profile => &files::PROFILE,
            FileKind::PriceList => &files::PRICE_LIST,
            FileKind::Promises => &files::PROMISES,
            FileKind::Calendar => &files::CALENDAR,
        }
    }

    /// The kind whose own keys a text has most of; a standard, where none has any.
    pub fn guess(text: &str) -> FileKind {
        let (table, _) = toml::de::DeTable::parse_recoverable(text);
        let of = |kind: &FileKind| {
            let fields = kind.shape().fields.iter();
            fields.filter(|field| table.get_ref().contains_key(field.name)).count()
        };
        // The first of several alike wins: `max_by_key` gives the last.
        FileKind::ALL.into_iter().rev().max_by_key(of).unwrap_or(FileKind::Standard)
    }
}

const fn needed(name: &'static str, what: What, about: &'static str) -> Field {
    Field { name, needed: true, what, about }
}

const fn optional(name: &'static str, what: What, about: &'static str) -> Field {
    Field { name, needed: false, what, about }
}

#[cfg(test)]
mod tests;
