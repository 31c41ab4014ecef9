//! The font a PDF is set in: given by the platform, reduced to the glyphs that are used.

use std::collections::BTreeMap;

use skrifa::{
    FontRef, GlyphId, MetadataProvider,
    instance::{LocationRef, Size},
    raw::{TableProvider, types::Tag},
};
use subsetter::GlyphRemapper;

/// Why a font can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FontError {
    /// The bytes are no font, or the collection has no face of that number.
    #[error("this is no OpenType font, or has no face {0}: give another file or face")]
    NoFont(u32),
    /// It has no outlines that can be embedded.
    #[error("this font cannot be embedded ({0}): give another with TrueType or CFF outlines")]
    NotEmbeddable(String),
}

/// An OpenType font with TrueType or CFF outlines, from a file or a face of a collection.
pub struct Font<'a> {
    data: &'a [u8],
    face: u32,
    font: FontRef<'a>,
    per_em: f32,
}

impl<'a> Font<'a> {
    /// Reads the font's tables. `face` counts from 0, and is 0 unless `data` is a collection.
    ///
    /// # Errors
    /// [`FontError::NoFont`].
    pub fn new(data: &'a [u8], face: u32) -> Result<Font<'a>, FontError> {
        let font = FontRef::from_index(data, face).map_err(|_| FontError::NoFont(face))?;
        let per_em = font.head().map_err(|_| FontError::NoFont(face))?.units_per_em();
        Ok(Font { data, face, font, per_em: f32::from(per_em.max(1)) })
    }

    /// A width or height of the font in thousandths of its size, as PDF counts.
    fn thousandths(&self, units: f32) -> f32 {
        units * 1000.0 / self.per_em
    }
}

impl std::fmt::Debug for Font<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Font({} bytes, face {})", self.data.len(), self.face)
    }
}

/// Heights of a font, in thousandths of its size.
pub(super) struct Heights {
    pub(super) ascent: f32,
    pub(super) descent: f32,
    pub(super) capitals: f32,
    /// Left, bottom, right, top of all glyphs.
    pub(super) bounds: [f32; 4],
}

/// How a PDF has to embed the reduced font.
pub(super) enum Program {
    TrueType(Vec<u8>),
    Cff(Vec<u8>),
}

/// The glyphs used so far; numbers are those of the reduced font.
pub(super) struct Glyphs<'f, 'a> {
    font: &'f Font<'a>,
    remapper: GlyphRemapper,
    /// By number: which character it was first used for, and how wide it is.
    used: BTreeMap<u16, (char, f32)>,
}

impl<'f, 'a> Glyphs<'f, 'a> {
    pub(super) fn new(font: &'f Font<'a>) -> Glyphs<'f, 'a> {
        Glyphs { font, remapper: GlyphRemapper::new(), used: BTreeMap::new() }
    }

    /// The glyphs of `text` as two bytes each, and its width in thousandths of the size. A
    /// character the font lacks is set as its box for missing ones.
    pub(super) fn set(&mut self, text: &str) -> (Vec<u8>, f32) {
        let charmap = self.font.font.charmap();
        let widths = self.font.font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let (mut bytes, mut width) = (Vec::new(), 0.0);
        for c in text.chars() {
            let glyph = charmap.map(c).unwrap_or(GlyphId::NOTDEF);
            let number = self.remapper.remap(u16::try_from(glyph.to_u32()).unwrap_or(0));
            let advance = widths.advance_width(glyph).unwrap_or(self.font.per_em);
            let advance = self.font.thousandths(advance);
            self.used.entry(number).or_insert((c, advance));
            bytes.extend(number.to_be_bytes());
            width += advance;
        }
        (bytes, width)
    }

    /// Each glyph's number, character and width, in the order of numbers.
    pub(super) fn used(&self) -> impl Iterator<Item = (u16, char, f32)> {
        self.used.iter().map(|(number, (c, width))| (*number, *c, *width))
    }

    pub(super) fn heights(&self) -> Heights {
        let metrics = self.font.font.metrics(Size::unscaled(), LocationRef::default());
        let scaled = |units| self.font.thousandths(units);
        let bounds = metrics.bounds.map_or([0.0; 4], |b| [b.x_min, b.y_min, b.x_max, b.y_max]);
        Heights {
            ascent: scaled(metrics.ascent),
            descent: scaled(metrics.descent),
            capitals: scaled(metrics.cap_height.unwrap_or(metrics.ascent)),
            bounds: bounds.map(scaled),
        }
    }

    /// The font with nothing but these glyphs.
    pub(super) fn program(&self) -> Result<Program, FontError> {
        let refused = |why: String| FontError::NotEmbeddable(why);
        let reduced = subsetter::subset(self.font.data, self.font.face, &self.remapper)
            .map_err(|error| refused(error.to_string()))?;
        let tables = FontRef::new(&reduced).map_err(|error| refused(error.to_string()))?;
        match tables.table_data(Tag::new(b"CFF ")) {
            Some(cff) => Ok(Program::Cff(cff.as_bytes().to_vec())),
            None => Ok(Program::TrueType(reduced)),
        }
    }
}
