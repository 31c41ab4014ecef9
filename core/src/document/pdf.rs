//! Documents as PDF: text that can be searched and copied, set in a font that is embedded with only
//! the glyphs it needs.
//!
//! The file holds no date and no random id: the same document gives the same bytes.

use pdf_writer::{
    Content as Stream, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr,
    types::{CidFontType, FontFlags, LineCapStyle, SystemInfo, TextRenderingMode, UnicodeCmap},
};

use super::{
    content::Document,
    font::{Font, FontError, Glyphs, Program},
    sheet::{Anchor, Code, Framed, Mark, ROLL, Sheet, Signature, Words, place},
};
use crate::base::Lang;

/// Points for one unit of the grid: a receipt is 100 mm wide.
const SCALE: f32 = 0.75;
/// A page's edge has at most so many units; a longer roll has larger ones.
const LONGEST: f32 = 14_400.0;
/// How far a turned stamp is turned: cosine and sine of 30 degrees.
const TURN: (f32, f32) = (0.866, 0.5);
const FONT: Name<'static> = Name(b"F");
const SYSTEM: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// The document as a PDF of one page, as long as it needs to be, QR codes included.
///
/// # Errors
/// [`FontError`]; a character that `font` lacks is no error and shows as its box for missing ones.
pub fn pdf(
    doc: &(impl Document + ?Sized),
    lang: Lang,
    font: &Font<'_>,
) -> Result<Vec<u8>, FontError> {
    let sheet = place(doc.content(lang), &ROLL);
    let mut glyphs = Glyphs::new(font);
    let drawn = draw(&sheet, &mut glyphs);
    write(&sheet, drawn, &glyphs, lang)
}

/// How many points a unit of the page is.
fn unit(sheet: &Sheet) -> f32 {
    (sheet.height as f32 * SCALE / LONGEST).ceil().max(1.0)
}

/// Draws upside down and turns the page: a PDF's `y` goes up.
fn draw(sheet: &Sheet, glyphs: &mut Glyphs<'_, '_>) -> Stream {
    let mut page = Stream::new();
    let scale = SCALE / unit(sheet);
    page.transform([scale, 0.0, 0.0, -scale, 0.0, sheet.height as f32 * scale]);
    let mut pictures = 0..;
    for mark in &sheet.marks {
        match mark {
            Mark::Words(words) => put(&mut page, words, (1.0, 0.0), glyphs),
            Mark::Rule(y) => {
                let (start, end) = (ROLL.margin as f32, (sheet.width - ROLL.margin) as f32);
                page.save_state().set_stroke_gray(0.6).set_dash_pattern([4.0, 3.0], 0.0);
                page.move_to(start, *y as f32).line_to(end, *y as f32).stroke().restore_state();
            }
            Mark::Frame { top, bottom } => {
                page.save_state().set_stroke_gray(0.6);
                let (width, height) = (ROLL.inner() as f32, (bottom - top) as f32);
                page.rect(ROLL.margin as f32, *top as f32, width, height).stroke().restore_state();
            }
            Mark::Code(code) => draw_code(&mut page, code),
            Mark::Signature(signature) => draw_signature(&mut page, signature),
            Mark::Picture(framed) => draw_picture(&mut page, framed, pictures.next()),
            Mark::Stamp(words) => {
                // Light instead of transparent, and so drawn as an outline that hides nothing.
                page.save_state().set_stroke_rgb(0.8, 0.0, 0.0);
                page.set_text_rendering_mode(TextRenderingMode::Stroke);
                put(&mut page, words, TURN, glyphs);
                page.restore_state();
            }
        }
    }
    page
}

/// Sets a text along the direction `turn`, cosine and sine of its angle upwards.
fn put(page: &mut Stream, words: &Words, turn: (f32, f32), glyphs: &mut Glyphs<'_, '_>) {
    let (bytes, width) = glyphs.set(&words.text);
    let size = words.size as f32;
    let back = width / 1000.0
        * size
        * match words.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => 0.5,
            Anchor::End => 1.0,
        };
    let (cos, sin) = turn;
    let (x, y) = (words.x as f32 - back * cos, words.y as f32 + back * sin);
    page.save_state();
    if words.bold {
        // One font serves both weights: its outline is drawn too.
        page.set_line_width(size / 28.0);
        if turn == (1.0, 0.0) {
            page.set_text_rendering_mode(TextRenderingMode::FillStroke);
        }
    }
    page.begin_text().set_font(FONT, size);
    page.set_text_matrix([cos, -sin, -sin, -cos, x, y]).show(Str(&bytes)).end_text();
    page.restore_state();
}

fn draw_signature(page: &mut Stream, signature: &Signature) {
    page.save_state().set_line_width(2.0).set_line_cap(LineCapStyle::RoundCap);
    for stroke in &signature.strokes {
        let Some(((x, y), rest)) = stroke.split_first() else { continue };
        page.move_to(*x as f32, *y as f32);
        // A dot is a line to where it began.
        for (x, y) in if rest.is_empty() { stroke } else { rest } {
            page.line_to(*x as f32, *y as f32);
        }
    }
    page.stroke().restore_state();
}

fn draw_code(page: &mut Stream, code: &Code) {
    let square = code.edge as f32 / code.side() as f32;
    page.save_state();
    page.transform([square, 0.0, 0.0, square, code.x as f32, code.y as f32]);
    for (x, y, length) in code.runs() {
        page.rect(x as f32, y as f32, length as f32, 1.0);
    }
    page.fill_nonzero().restore_state();
}

/// What the page calls its pictures, first to last.
fn picture_name(place: usize) -> String {
    format!("P{place}")
}

/// A PDF's picture is one by one, and stands upside down on a page that was turned.
fn draw_picture(page: &mut Stream, framed: &Framed, place: Option<usize>) {
    let Framed { x, y, width, height, .. } = framed;
    let bottom = (y + height) as f32;
    page.save_state();
    page.transform([*width as f32, 0.0, 0.0, -(*height as f32), *x as f32, bottom]);
    page.x_object(Name(picture_name(place.unwrap_or_default()).as_bytes())).restore_state();
}

/// Writes the pictures, as they are, under `first` and the next numbers.
fn embed_pictures<'a>(pdf: &mut Pdf, first: Ref, pictures: impl Iterator<Item = &'a Framed>) {
    for (id, Framed { picture, .. }) in (first.get()..).map(Ref::new).zip(pictures) {
        let mut image = pdf.image_xobject(id, &picture.jpeg);
        image.filter(Filter::DctDecode);
        image.width(picture.width as i32).height(picture.height as i32).bits_per_component(8);
        match picture.channels {
            1 => image.color_space().device_gray(),
            _ => image.color_space().device_rgb(),
        }
    }
}

fn write(
    sheet: &Sheet,
    drawn: Stream,
    glyphs: &Glyphs<'_, '_>,
    lang: Lang,
) -> Result<Vec<u8>, FontError> {
    let [catalog, pages, page, content, font] = [1, 2, 3, 4, 5].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(pages).lang(TextStr(lang.tag()));
    pdf.pages(pages).kids([page]).count(1);
    let scale = SCALE / unit(sheet);
    let (width, height) = (sheet.width as f32 * scale, sheet.height as f32 * scale);
    let mut leaf = pdf.page(page);
    if unit(sheet) > 1.0 {
        leaf.user_unit(unit(sheet));
    }
    leaf.media_box(Rect::new(0.0, 0.0, width, height)).parent(pages).contents(content);
    let pictures = || {
        sheet.marks.iter().filter_map(|mark| match mark {
            Mark::Picture(framed) => Some(framed),
            _ => None,
        })
    };
    // The font's four parts come behind it.
    let first = Ref::new(font.get() + 5);
    let mut resources = leaf.resources();
    resources.fonts().pair(FONT, font);
    let mut named = resources.x_objects();
    for (place, id) in (first.get()..).map(Ref::new).take(pictures().count()).enumerate() {
        named.pair(Name(picture_name(place).as_bytes()), id);
    }
    named.finish();
    resources.finish();
    leaf.finish();
    pdf.stream(content, &drawn.finish());
    embed(&mut pdf, font, glyphs)?;
    embed_pictures(&mut pdf, first, pictures());
    Ok(pdf.finish())
}

/// Writes the font under `id`, and its parts under the next numbers.
fn embed(pdf: &mut Pdf, id: Ref, glyphs: &Glyphs<'_, '_>) -> Result<(), FontError> {
    let [cid, descriptor, file, unicode] = [1, 2, 3, 4].map(|n| Ref::new(id.get() + n));
    // Six letters and a plus sign say that the font is a part of one.
    let name = Name(b"DOORST+Set");
    let mut font = pdf.type0_font(id);
    font.base_font(name).encoding_predefined(Name(b"Identity-H"));
    font.descendant_font(cid).to_unicode(unicode);
    font.finish();

    let program = glyphs.program()?;
    let mut font = pdf.cid_font(cid);
    font.base_font(name).system_info(SYSTEM).font_descriptor(descriptor).default_width(0.0);
    match program {
        Program::TrueType(_) => {
            font.subtype(CidFontType::Type2).cid_to_gid_map_predefined(Name(b"Identity"));
        }
        Program::Cff(_) => _ = font.subtype(CidFontType::Type0),
    }
    let mut widths = font.widths();
    for (number, _, width) in glyphs.used() {
        widths.consecutive(number, [width]);
    }
    widths.finish();
    font.finish();

    let heights = glyphs.heights();
    let [left, bottom, right, top] = heights.bounds;
    let mut described = pdf.font_descriptor(descriptor);
    described.name(name).flags(FontFlags::SYMBOLIC).italic_angle(0.0).stem_v(80.0);
    described.bbox(Rect::new(left, bottom, right, top));
    described.ascent(heights.ascent).descent(heights.descent).cap_height(heights.capitals);
    match program {
        Program::TrueType(_) => described.font_file2(file),
        Program::Cff(_) => described.font_file3(file),
    };
    described.finish();
    match program {
        Program::TrueType(bytes) => _ = pdf.stream(file, &bytes),
        Program::Cff(bytes) => {
            pdf.stream(file, &bytes).pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
        }
    }

    let mut cmap = UnicodeCmap::new(Name(b"Doorstep"), SYSTEM);
    for (number, c, _) in glyphs.used() {
        cmap.pair(number, c);
    }
    pdf.cmap(unicode, &cmap.finish());
    Ok(())
}
