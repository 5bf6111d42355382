//! Who may do what.

use hub_store::accounts::Role;

/// Something that not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// Look at the fleet, its units, alerts and incidents.
    See,
    /// Look at sales, trips, receipts, Z reports.
    Reports,
    /// Make tokens for tills.
    Enrol,
    /// Say that a till's key is the right one.
    Confirm,
    /// Take a till's key away.
    Revoke,
    /// Settle alerts, lead incidents.
    Mend,
    /// Write drafts of prices, catalogue, timetable, staff.
    Edit,
    /// Hand out a signed bundle.
    Upload,
    /// Invite people, shut accounts.
    Accounts,
    /// Read who did what.
    Audit,
}

impl Right {
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 10] = [
        Self::See,
        Self::Reports,
        Self::Enrol,
        Self::Confirm,
        Self::Revoke,
        Self::Mend,
        Self::Edit,
        Self::Upload,
        Self::Accounts,
        Self::Audit,
    ];

    /// The table: which roles have it.
    pub(crate) const fn of(self, role: Role) -> bool {
        match self {
            Self::See | Self::Reports => true,
            Self::Enrol | Self::Confirm | Self::Revoke | Self::Mend => matches!(role, Role::Depot | Role::Admin),
            Self::Edit => matches!(role, Role::Office | Role::Admin),
            Self::Upload | Self::Accounts | Self::Audit => matches!(role, Role::Admin),
        }
    }

    /// Whether the second factor must have been shown a short while ago. An upload asks for it by itself: a form with a file cannot carry the
    /// code where the guard looks.
    pub(crate) const fn wants_proof(self) -> bool {
        matches!(self, Self::Enrol | Self::Confirm | Self::Revoke | Self::Accounts)
    }
}
