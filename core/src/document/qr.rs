//! The QR code: squares that are dark or light, to be drawn by whoever has paper.

use qrcode::{Color, EcLevel, QrCode};

/// A text that no QR code can hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the receipt's code of {characters} characters fits no QR code: \
     give the receipt fewer lines or shorter names"
)]
pub struct QrTooLong {
    /// How long it is.
    pub characters: usize,
}

/// A square of squares.
pub(super) struct Qr {
    side: usize,
    dark: Vec<bool>,
}

impl Qr {
    /// The smallest code that holds `text`, with as much error correction as that size has room
    /// for: a receipt is folded and rubbed, but large squares scan better than clever ones.
    pub(super) fn new(text: &str) -> Result<Qr, QrTooLong> {
        let too_long = |_| QrTooLong { characters: text.chars().count() };
        let smallest = QrCode::with_error_correction_level(text, EcLevel::L).map_err(too_long)?;
        let version = smallest.version();
        let code = [EcLevel::H, EcLevel::Q, EcLevel::M]
            .into_iter()
            .find_map(|level| QrCode::with_version(text, version, level).ok())
            .unwrap_or(smallest);
        let dark = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
        Ok(Qr { side: code.width(), dark })
    }

    /// Squares along an edge, without the light border.
    pub(super) fn side(&self) -> usize {
        self.side
    }

    /// Whether the square in column `x` of row `y` is dark.
    pub(super) fn dark(&self, x: usize, y: usize) -> bool {
        x < self.side && self.dark.get(y * self.side + x).copied().unwrap_or(false)
    }

    /// The dark stretches of row `y`: where each begins and how long it is.
    pub(super) fn runs(&self, y: usize) -> Vec<(usize, usize)> {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for x in (0..self.side).filter(|x| self.dark(*x, y)) {
            match runs.last_mut() {
                Some((start, length)) if *start + *length == x => *length += 1,
                _ => runs.push((x, 1)),
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seventeen_hundred_characters_of_the_small_alphabet_fit_and_scan_on_narrow_paper() {
        let text: String = "DOORSTEP:1:0123456789ABCDEFGHJKMNPQRSTVWXYZ".repeat(41);
        let qr = Qr::new(&text[..1_700]).unwrap();
        assert!(qr.side() <= 117, "{} squares", qr.side());
    }

    #[test]
    fn what_fits_no_code_is_refused_with_its_length() {
        assert!(Qr::new(&"A".repeat(4_296)).is_ok());
        let error = Qr::new(&"A".repeat(4_297)).err().unwrap();
        assert_eq!(error, QrTooLong { characters: 4_297 });
    }

    #[test]
    fn runs_cover_exactly_the_dark_squares() {
        let qr = Qr::new("7KQ2-M4XD-000001").unwrap();
        for y in 0..qr.side() {
            let covered: Vec<usize> =
                qr.runs(y).into_iter().flat_map(|(start, length)| start..start + length).collect();
            let dark: Vec<usize> = (0..qr.side()).filter(|x| qr.dark(*x, y)).collect();
            assert_eq!(covered, dark);
        }
    }
}
