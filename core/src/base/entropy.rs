//! Where randomness comes from: a port, so that a simulated year replays exactly.

use std::convert::Infallible;

use super::Id;

/// A source of random bytes fit for keys. The bindings give the operating system's; a simulation
/// gives a seeded one.
pub trait Entropy: Send {
    /// Fills `bytes` whole.
    fn fill(&mut self, bytes: &mut [u8]);
}

impl dyn Entropy + '_ {
    /// `N` random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A random id.
    pub fn id(&mut self) -> Id {
        Id::new(self.bytes())
    }
}

/// Lends an [`Entropy`] to libraries that speak `rand_core`.
pub(crate) struct EntropyRng<'a>(pub &'a mut dyn Entropy);

impl rand_core::TryRng for EntropyRng<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.0.bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.0.bytes()))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for EntropyRng<'_> {}
