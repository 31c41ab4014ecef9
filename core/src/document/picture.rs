//! Pictures in papers: small JPEGs as a platform made them, taken as they are and never decoded.

use std::fmt;

/// A JPEG of grey or colour, ready to be drawn.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    /// 1 for grey, 3 for colour.
    pub(super) channels: u8,
    pub(super) jpeg: Vec<u8>,
}

/// A home is on it: its size is all that is printed.
impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({} x {})", self.width, self.height)
    }
}

/// A marker is 0xFF and one of these (ITU-T T.81, table B.1).
mod marker {
    pub(super) const START: u8 = 0xD8;
    /// The coded picture begins.
    pub(super) const SCAN: u8 = 0xDA;
    pub(super) const APPLICATION: std::ops::RangeInclusive<u8> = 0xE0..=0xEF;
    pub(super) const JFIF: u8 = 0xE0;
    pub(super) const COLOUR_PROFILE: u8 = 0xE2;
    /// Says how the colours are coded.
    pub(super) const ADOBE: u8 = 0xEE;
    pub(super) const COMMENT: u8 = 0xFE;
    /// Baseline, extended and progressive frames: what every reader of PDF draws.
    pub(super) const FRAMES: std::ops::RangeInclusive<u8> = 0xC0..=0xC2;
}

impl Picture {
    /// Reads a JPEG's head. What a camera wrote beside the picture is left out: place, time and
    /// device are nobody's business on a paper. `None` for whatever isn't a JPEG of grey or colour,
    /// and for one without its pixels.
    pub fn read(bytes: &[u8]) -> Option<Picture> {
        let mut rest = bytes.strip_prefix(&[0xFF, marker::START])?;
        let mut jpeg = vec![0xFF, marker::START];
        let mut frame = None;
        loop {
            // A marker may be preceded by any number of 0xFF.
            let [0xFF, after @ ..] = rest else { return None };
            let kind = *after.first()?;
            if kind == 0xFF {
                rest = after;
                continue;
            }
            let length = usize::from(u16::from_be_bytes([*after.get(1)?, *after.get(2)?]));
            let segment = after.get(1..1 + length.max(2))?;
            if marker::FRAMES.contains(&kind) {
                frame = Some(Frame::read(segment.get(2..)?)?);
            }
            let needed = match kind {
                marker::JFIF | marker::COLOUR_PROFILE | marker::ADOBE => true,
                marker::COMMENT => false,
                kind => !marker::APPLICATION.contains(&kind),
            };
            if kind == marker::SCAN {
                let Frame { width, height, channels } = frame?;
                jpeg.extend_from_slice(rest);
                return Some(Picture { width, height, channels, jpeg });
            }
            if needed {
                jpeg.extend_from_slice(&[0xFF, kind]);
                jpeg.extend_from_slice(segment);
            }
            rest = after.get(1 + segment.len()..)?;
        }
    }

    /// Its size within a box, as large as fits.
    pub(super) fn within(&self, width: usize, height: usize) -> (usize, usize) {
        if self.width * height > self.height * width {
            (width, (self.height * width / self.width).max(1))
        } else {
            ((self.width * height / self.height).max(1), height)
        }
    }
}

struct Frame {
    width: usize,
    height: usize,
    channels: u8,
}

impl Frame {
    /// Behind its length: bits, height, width, channels.
    fn read(frame: &[u8]) -> Option<Frame> {
        let &[8, h, eight, w, idth, channels @ (1 | 3), ..] = frame else { return None };
        let size = |high, low| Some(u16::from_be_bytes([high, low]).into()).filter(|it| *it > 0);
        Some(Frame { width: size(w, idth)?, height: size(h, eight)?, channels })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BURNER: &[u8] = include_bytes!("../../tests/documents/burner.jpg");

    /// The burner, with a segment of this kind put in behind its start.
    fn with(kind: u8, said: &[u8]) -> Vec<u8> {
        let length = u16::try_from(said.len() + 2).unwrap().to_be_bytes();
        [&BURNER[..2], &[0xFF, kind], &length, said, &BURNER[2..]].concat()
    }

    #[test]
    fn what_a_camera_wrote_beside_the_picture_is_left_out() {
        let plain = Picture::read(BURNER).unwrap();
        assert_eq!((plain.width, plain.height, plain.channels), (320, 240, 3));
        for kind in [0xE1, 0xED, 0xFE] {
            let told = with(kind, b"Exif\0\0 22.5431 N 114.0579 E");
            assert_eq!(Picture::read(&told), Some(plain.clone()));
        }
        let adobe = with(marker::ADOBE, b"Adobe\0\x64\0\0\0\0\x01");
        assert_eq!(Picture::read(&adobe).unwrap().jpeg, adobe, "it says how colours are coded");
        assert!(!format!("{plain:?}").contains("255"));
    }

    #[test]
    fn whatever_is_cut_or_no_picture_gives_none_and_harms_nothing() {
        let scan = BURNER.windows(2).position(|pair| pair == [0xFF, marker::SCAN]).unwrap();
        for end in 0..scan + 2 {
            assert_eq!(Picture::read(&BURNER[..end]), None, "cut after {end}");
        }
        for bytes in [&b"\x89PNG\r\n\x1a\n"[..], b"small", &[0xFF; 90], &with(0xE1, b"")[..22]] {
            assert_eq!(Picture::read(bytes), None);
        }
        let mut flat = BURNER.to_vec();
        let frame = flat.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
        flat[frame + 5..frame + 7].fill(0);
        assert_eq!(Picture::read(&flat), None, "a picture without height");
    }

    #[test]
    fn a_picture_fits_its_box_and_keeps_its_shape() {
        let mut picture = Picture::read(BURNER).unwrap();
        assert_eq!(picture.within(224, 224), (224, 168));
        (picture.width, picture.height) = (240, 320);
        assert_eq!(picture.within(224, 224), (168, 224));
        (picture.width, picture.height) = (9_000, 1);
        assert_eq!(picture.within(224, 224), (224, 1));
    }
}
