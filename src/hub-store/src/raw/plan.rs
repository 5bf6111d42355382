//! What a post means for the branches that are there. Decided without touching anything.

use journal::Head;

/// One line of a log's history, as the hub has it. Below `first_own_seq` it is its parent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Its number; 0 is the first seen.
    pub branch: u64,
    /// The branch that it leaves; none for branch 0.
    pub parent: Option<u64>,
    /// The first entry that is its own; 1 for branch 0.
    pub first_own_seq: u64,
    /// Its last entry, 0 for none.
    pub last_seq: u64,
    /// The head after it.
    pub head: Head,
}

/// A post, as far as its place in a log matters. Its own chain has been verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// `seq` of its first entry.
    pub first_seq: u64,
    /// The head before its first entry, then the head after each.
    pub heads: Vec<Head>,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Nothing: every entry is on this branch.
    Known {
        /// The branch.
        branch: u64,
    },
    /// The entries behind the first `skip` go on where this branch ends.
    Extend {
        /// The branch.
        branch: u64,
        /// How many entries it has already.
        skip: usize,
    },
    /// The entries behind the first `skip` differ from what is there: a branch of their own.
    Fork {
        /// The branch that they leave.
        parent: u64,
        /// How many entries both have.
        skip: usize,
    },
    /// The post begins where nothing is known of its chain: it is to come again from behind this place.
    Behind {
        /// The branch.
        branch: u64,
        /// The place.
        seq: u64,
    },
}

/// Decides. `known` answers the head of a branch after an entry that it has, at most its last; it is asked only where the branches' ends do
/// not tell.
///
/// # Errors
/// What `known` fails with.
///
/// # Panics
/// When there is no branch: a log has branch 0 from the moment it is known.
pub fn plan_append<E>(branches: &[Branch], post: &Post, mut known: impl FnMut(&Branch, u64) -> Result<Head, E>) -> Result<Plan, E> {
    assert!(!branches.is_empty() && !post.heads.is_empty() && post.first_seq > 0, "a log has a branch, and a post begins somewhere");
    let before = post.first_seq - 1;
    let mut at = |branch: &Branch, seq: u64| if seq == branch.last_seq { Ok(branch.head) } else { known(branch, seq) };
    let mut best: Option<(usize, &Branch)> = None;
    for branch in branches.iter().filter(|branch| branch.last_seq >= before) {
        if at(branch, before)? != post.heads[0] {
            continue;
        }
        let mut shared = 0;
        // Equal heads have equal histories, so the first difference ends the comparison.
        while shared + 1 < post.heads.len() {
            let seq = before + shared as u64 + 1;
            if seq > branch.last_seq || at(branch, seq)? != post.heads[shared + 1] {
                break;
            }
            shared += 1;
        }
        let ends = |branch: &Branch| branch.last_seq == before + shared as u64;
        if best.is_none_or(|(most, other)| shared > most || (shared == most && ends(branch) && !ends(other))) {
            best = Some((shared, branch));
        }
    }
    let Some((skip, branch)) = best else { return Ok(behind(branches, before)) };
    Ok(if skip + 1 == post.heads.len() {
        Plan::Known { branch: branch.branch }
    } else if branch.last_seq == before + skip as u64 {
        Plan::Extend { branch: branch.branch, skip }
    } else {
        Plan::Fork { parent: branch.branch, skip }
    })
}

/// Where the sender should begin again. Beyond a log's only end, that is its end; beyond the ends of a forked log, what all branches share.
/// Below an end the chains have parted at a place that only the sender can find, by coming again from half way each time.
fn behind(branches: &[Branch], before: u64) -> Plan {
    let longest = branches.iter().max_by_key(|branch| branch.last_seq).unwrap_or(&branches[0]);
    let shared = branches.iter().filter(|branch| branch.parent.is_some()).map(|branch| branch.first_own_seq - 1).min();
    let seq = shared.unwrap_or(longest.last_seq);
    let seq = if seq < before { seq } else { before / 2 };
    Plan::Behind { branch: longest.branch, seq }
}

#[cfg(test)]
mod tests;
