//! Signed bundles at the counter: what the hub handed out is installed in a quiet moment.

use bundle::Role;

use super::Counter;
use crate::{
    bundles::BundleWrong,
    command::{Command, Now, Wrong},
};

impl Counter {
    /// Installs what came from the hub, while no sale is open, and says from then on what the till holds. What is refused changes nothing;
    /// the hub hears its code with the next report.
    pub fn install_bundles(&mut self, now: Now) {
        if self.till.root_version().is_none() {
            return;
        }
        let selling = self.till.open_sale().is_some_and(|sale| !sale.lines.is_empty());
        if !selling {
            let mut came = self.take_bundles();
            // A price list may need the root that came with it.
            came.sort_by_key(|(news, _)| (news.role != Role::Root.name(), news.version));
            for (_, bytes) in came {
                self.bundle_wrong = match self.command(Command::InstallBundle(bytes), now) {
                    Ok(_) => None,
                    Err(Wrong::Bundle(BundleWrong::Refused(bundle::Refusal::Known(_)))) => None,
                    Err(Wrong::Bundle(wrong)) => Some(wrong),
                    // A card that is full or does not write is told of by every other command too.
                    Err(_) => continue,
                };
            }
        }
        self.hold_bundles(self.till.bundles_held());
    }

    /// Why the last bundle that came was not installed; `None` where it was.
    #[must_use]
    pub const fn bundle_wrong(&self) -> Option<&BundleWrong> {
        self.bundle_wrong.as_ref()
    }
}
