//! Where a branch left the past that it shares.

use doorstep::log::{Chain, StreamId};

use super::{StoreError, Tx};

/// Where the chain stood before the first event of a branch, which is event `seq` + 1 with these bytes:
/// in the trunk, or in a branch that it left. `None` when neither is here.
pub(crate) fn chain_left_by(
    tx: &mut dyn Tx,
    branch: &StreamId,
    seq: u64,
    first: &[u8],
) -> Result<Option<Chain>, StoreError> {
    let trunk = branch.trunk();
    if seq == 0 {
        return Ok(Some(Chain::start(&trunk)));
    }
    for row in tx.streams_about(&branch.subject)? {
        if row.stream.trunk() != trunk || row.stream == *branch {
            continue;
        }
        for (seq, hash) in tx.hashes(&row.stream, seq, seq)? {
            let before = Chain { seq, hash };
            if Some(before.then(first).hash) == branch.branch.0 {
                return Ok(Some(before));
            }
        }
    }
    Ok(None)
}
