//! A QR code: squares that are dark or light, to be drawn by whoever has paper.

use qrcode::{Color, EcLevel, QrCode};

/// A square of squares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Qr {
    side: usize,
    dark: Vec<bool>,
}

impl Qr {
    /// The smallest code that holds `text`, with as much error correction as that size has room
    /// for: a receipt is folded and rubbed, but large squares scan better than clever ones.
    /// `None` when no code holds it; up to 2,953 bytes one does.
    pub(super) fn new(text: &str) -> Option<Qr> {
        let smallest = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
        let version = smallest.version();
        let code = [EcLevel::H, EcLevel::Q, EcLevel::M]
            .into_iter()
            .find_map(|level| QrCode::with_version(text, version, level).ok())
            .unwrap_or(smallest);
        let dark = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
        Some(Qr { side: code.width(), dark })
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
    fn a_receipts_longest_code_has_three_dots_a_square_on_narrow_paper() {
        let text: String = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".repeat(57);
        let qr = Qr::new(&format!("DS1.1/2.ABCDEFGH.{}", &text[..1_783])).unwrap();
        assert!(qr.side() <= 117, "{} squares", qr.side());
    }

    #[test]
    fn what_fits_no_code_is_told() {
        assert!(Qr::new(&"陈".repeat(2_953 / 3)).is_some());
        assert!(Qr::new(&"A".repeat(4_297)).is_none());
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
