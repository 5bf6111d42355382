//! Signed bundles: taken in, kept, and taken up when nothing runs by the one before.
//!
//! **When.** A price list takes effect when no trip runs, so at the latest at the start of the next one; a running trip keeps the list that it
//! began with, over restarts too. A staff list takes effect when nobody is signed in, so at the next sign-in. Somebody who is no longer on it
//! and has a shift open cannot sign in any more; a manager or the depot closes that shift.
//!
//! **What is believed.** Bundles that enough keys of the pinned root have signed, for this unit, newer than what is held, that read whole, and
//! that change no more than [`excess`] lets pass without the root. Past its date a bundle warns and stays.

use bundle::{Envelope, Held, Reader, Refusal, Role, Trust, unpack, verify};
use domain::vat::VatTable;
use journal::{BundleInstalled, Fact};
use store::{HeldBundle, NewBundle};
use wire::BundleHeld;

use crate::{
    command::{Answer, Now, Wrong},
    control::ORG_NO_CHARS,
    data::{DataFault, Excess, PriceList, Roster, excess},
    setup::ControlRule,
    till::{Doing, Till},
};

/// Under this name the store keeps which price list the running trip goes by: its number, 0 for that of the configuration.
pub(crate) const KEPT_PRICES: &str = "prices_in_force";
/// Under this name the store keeps which staff list the person who is signed in was found on.
pub(crate) const KEPT_STAFF: &str = "staff_in_force";

/// Why a bundle is not installed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleWrong {
    /// No root is pinned, so nothing can be believed.
    #[error("no root is pinned")]
    NoRoot,
    /// Another root is pinned; it changes one signed step at a time.
    #[error("another root is pinned")]
    RootPinned,
    /// It is not to be believed, or not for this till.
    #[error("{0}")]
    Refused(Refusal),
    /// Its data cannot be used.
    #[error("{0}")]
    Data(DataFault),
    /// It changes more than a till takes.
    #[error("{0}")]
    Excess(Excess),
    /// Another bundle of this role has the same version and was installed first.
    #[error("another {role} bundle of version {version} is installed")]
    Conflict {
        /// The role of both.
        role: Role,
        /// The version of both.
        version: u64,
    },
    /// The books of this till are in another currency.
    #[error("the books of this till are in another currency")]
    Currency,
}

impl BundleWrong {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoRoot => "bundle.no_root",
            Self::RootPinned => "bundle.root_pinned",
            Self::Refused(refusal) => refusal.code(),
            Self::Data(_) => "bundle.data",
            Self::Excess(_) => "bundle.change",
            Self::Conflict { .. } => "bundle.conflict",
            Self::Currency => "bundle.currency",
        }
    }

    /// Every code beside those of [`Refusal`].
    pub const CODES: [&'static str; 6] =
        ["bundle.change", "bundle.conflict", "bundle.currency", "bundle.data", "bundle.no_root", "bundle.root_pinned"];
}

impl From<Refusal> for Wrong {
    fn from(refusal: Refusal) -> Self {
        Self::Bundle(BundleWrong::Refused(refusal))
    }
}

impl From<BundleWrong> for Wrong {
    fn from(wrong: BundleWrong) -> Self {
        Self::Bundle(wrong)
    }
}

/// What a till holds, and what it goes by.
#[derive(Debug, Default)]
pub(crate) struct Bundles {
    trust: Option<Trust>,
    held: Vec<Kept>,
    prices_no: u64,
    staff_no: u64,
}

#[derive(Clone, Copy, Debug)]
struct Kept {
    no: u64,
    role: Role,
    version: u64,
    min_root: u64,
    sha256: [u8; 32],
    stale_after_s: i64,
    /// SHA-256 of what its signatures are about, so that one more signature makes no other bundle of it.
    identity: [u8; 32],
}

/// What a bundle of a role brings.
enum Content {
    Prices(Box<PriceList>),
    Staff(Roster),
}

impl Till {
    /// The newest bundle of each role that is held.
    #[must_use]
    pub fn bundles_held(&self) -> Vec<BundleHeld> {
        let newest = Role::ALL.into_iter().filter_map(|role| self.newest(role));
        newest.map(|kept| BundleHeld { role: kept.role.name().into(), version: kept.version }).collect()
    }

    /// SHA-256 of the newest bundle of a role.
    #[must_use]
    pub fn bundle_sha256(&self, role: Role) -> Option<[u8; 32]> {
        self.newest(role).map(|kept| kept.sha256)
    }

    /// The bytes of the newest bundle of a role, as they were signed.
    ///
    /// # Errors
    /// [`Wrong::Fault`].
    pub fn bundle_bytes(&self, role: Role) -> Result<Option<Vec<u8>>, Wrong> {
        self.newest(role).map_or(Ok(None), |kept| Ok(self.store.bundle_bytes(kept.no)?))
    }

    /// The versions that the till goes by now: price list and staff list. `None` for one that the configuration gave.
    #[must_use]
    pub fn bundles_in_force(&self) -> [Option<u64>; 2] {
        let version = |no: u64| self.bundles.held.iter().find(|kept| kept.no == no).map(|kept| kept.version);
        [version(self.bundles.prices_no), version(self.bundles.staff_no)]
    }

    /// The version of the root that is pinned.
    #[must_use]
    pub fn root_version(&self) -> Option<u64> {
        self.bundles.trust.as_ref().map(|trust| trust.root().version)
    }

    /// A bundle that is past its date, and since when: seconds since 1970, UTC. The till sells on and says so.
    #[must_use]
    pub fn stale_bundle(&self, now: Now) -> Option<(Role, i64)> {
        let (wall_s, _) = self.wall(now);
        let newest = [Role::Prices, Role::Staff].into_iter().filter_map(|role| self.newest(role));
        newest.map(|kept| (kept.role, kept.stale_after_s)).find(|(_, stale_after_s)| wall_s > *stale_after_s)
    }

    /// Believes the root that a person brought on the card. One that is pinned changes by signed steps alone.
    pub(crate) fn pin_root(&mut self, bytes: Vec<u8>) -> Result<Answer, Wrong> {
        let trust = Trust::pin(&bytes)?;
        match &self.bundles.trust {
            None => self.install_root(trust, bytes),
            Some(held) if held.root() == trust.root() => Ok(Answer::Done),
            Some(held) if trust.root().version > held.root().version => self.install(bytes),
            Some(_) => Err(BundleWrong::RootPinned.into()),
        }
    }

    /// Takes a bundle in: all of it, durably, or nothing.
    pub(crate) fn install(&mut self, bytes: Vec<u8>) -> Result<Answer, Wrong> {
        let envelope = Envelope::read(&bytes)?;
        let trust = self.bundles.trust.as_ref().ok_or(BundleWrong::NoRoot)?;
        let role = envelope.header.role;
        match role {
            Role::Root => {
                let next = trust.step(&bytes).map_err(|refusal| self.same_or_conflict(refusal, &envelope))?;
                return self.install_root(next, bytes);
            }
            Role::Image => return Err(Refusal::WrongRole { asked: Role::Prices, found: role }.into()),
            Role::Prices | Role::Staff => {}
        }
        let held = self.newest(role).map(|kept| Held { version: kept.version, min_root: kept.min_root });
        let verified = verify(&bytes, trust, Reader { role: Some(role), unit: Some(&self.setup.unit), held })
            .map_err(|refusal| self.same_or_conflict(refusal, &envelope))?;
        let header = verified.header().clone();
        let content = Content::read(role, &verified.files()?)?;
        self.check(&content, header.version, header.large_change)?;
        self.commit_bundle(&header, bytes)?;
        // It is installed. Where the card cannot be read now, it is taken up at the next occasion.
        drop(self.take_up_bundles());
        Ok(Answer::BundleInstalled { role, version: header.version, in_force: self.is_in_force(role) })
    }

    /// A bundle of the version that is held is that one, whoever else has signed it since, or it contradicts it.
    fn same_or_conflict(&self, refusal: Refusal, came: &Envelope<'_>) -> BundleWrong {
        let Refusal::Known(version) = refusal else { return BundleWrong::Refused(refusal) };
        let role = came.header.role;
        let held = self.newest(role).map(|kept| kept.identity);
        if held == Some(came.identity()) { BundleWrong::Refused(refusal) } else { BundleWrong::Conflict { role, version } }
    }

    /// Reads what the store holds. What a damaged card garbled counts as not there.
    pub(crate) fn load_bundles(&mut self) -> Result<(), Wrong> {
        for row in self.store.bundles()? {
            if let Some(kept) = self.kept_of(&row)? {
                self.bundles.held.push(kept);
            }
        }
        if let Some(root) = self.newest(Role::Root) {
            self.bundles.trust = self.store.bundle_bytes(root.no)?.and_then(|bytes| Trust::pin(&bytes).ok());
        }
        if self.books().trip.is_some() {
            let no = self.kept_no(KEPT_PRICES)?;
            self.go_by(Role::Prices, no)?;
        }
        if self.books().crew.is_some() {
            let no = self.kept_no(KEPT_STAFF)?;
            self.go_by(Role::Staff, no)?;
        }
        self.take_up_bundles()
    }

    /// Goes by the newest bundles where nothing runs by older ones.
    pub(crate) fn take_up_bundles(&mut self) -> Result<(), Wrong> {
        if self.books().trip.is_none()
            && let Some(newest) = self.newest(Role::Prices)
        {
            self.go_by(Role::Prices, newest.no)?;
        }
        if self.books().crew.is_none()
            && let Some(newest) = self.newest(Role::Staff)
        {
            self.go_by(Role::Staff, newest.no)?;
        }
        Ok(())
    }

    /// What a trip or a person who signs in goes by from here on, for the store to keep.
    pub(crate) fn in_force(&self, role: Role) -> Vec<u8> {
        self.in_force_no(role).to_be_bytes().to_vec()
    }

    fn install_root(&mut self, trust: Trust, bytes: Vec<u8>) -> Result<Answer, Wrong> {
        let header = Envelope::read(&bytes)?.header;
        self.commit_bundle(&header, bytes)?;
        self.bundles.trust = Some(trust);
        Ok(Answer::BundleInstalled { role: Role::Root, version: header.version, in_force: true })
    }

    fn commit_bundle(&mut self, header: &bundle::Header, bytes: Vec<u8>) -> Result<(), Wrong> {
        let sha256 = sha256(&bytes);
        let (role, version) = (header.role, header.version);
        let (installed_at, _) = self.wall(self.now());
        let keeps = vec![self.in_force_no(role)];
        let new = NewBundle { role: role.name(), version, min_root: header.min_root, installed_at, sha256, bytes, keeps };
        let fact = Fact::BundleInstalled(BundleInstalled { role: role.name().into(), version, sha256 });
        self.commit(Doing::fact(fact).bundle(new))?;
        let mut held = Vec::new();
        for row in self.store.bundles()? {
            held.extend(self.kept_of(&row)?);
        }
        self.bundles.held = held;
        Ok(())
    }

    fn check(&self, content: &Content, version: u64, large_change: bool) -> Result<(), Wrong> {
        let Content::Prices(list) = content else { return Ok(()) };
        let fault = |file, what: String, todo| BundleWrong::Data(DataFault { file, item: "the file".into(), what, todo });
        if list.catalogue.version() != version {
            let what = format!("it says version {} and the bundle {version}", list.catalogue.version());
            return Err(fault("catalogue.json", what, "Make the bundle again from its folder.").into());
        }
        let digits = list.operator.org_no.chars().filter(char::is_ascii_digit).count();
        if self.setup.control == ControlRule::Sweden && digits != ORG_NO_CHARS {
            let what = format!("org_no {:?}: a control unit needs its {ORG_NO_CHARS} digits", list.operator.org_no);
            return Err(fault("operator.json", what, "Write the organisation number in full.").into());
        }
        let books = self.books();
        let is_unused = books.shift_no == 0 && books.receipt_no == 0;
        if list.operator.currency != self.setup.operator.currency && !is_unused {
            return Err(BundleWrong::Currency.into());
        }
        let old = match self.newest(Role::Prices) {
            Some(newest) => self.content(newest)?,
            None => None,
        };
        let old = match &old {
            Some(Content::Prices(old)) => Some(&**old),
            _ => None,
        };
        match excess(old, list) {
            Some(excess) if !(large_change && excess.is_allowed_to_root()) => Err(BundleWrong::Excess(excess).into()),
            _ => Ok(()),
        }
    }

    fn go_by(&mut self, role: Role, no: u64) -> Result<(), Wrong> {
        if self.in_force_no(role) == no {
            return Ok(());
        }
        let Some(kept) = self.bundles.held.iter().copied().find(|kept| kept.no == no) else { return Ok(()) };
        match self.content(kept)? {
            Some(Content::Prices(list)) => {
                let PriceList { catalogue, vat, timetable, operator } = *list;
                (self.setup.catalogue, self.setup.timetable, self.setup.operator) = (catalogue, timetable, operator);
                self.setup.vat = vat.unwrap_or_else(VatTable::nordic_2026);
                self.bundles.prices_no = no;
            }
            Some(Content::Staff(roster)) => {
                self.setup.roster = roster;
                self.bundles.staff_no = no;
            }
            None => {}
        }
        Ok(())
    }

    /// What a held bundle brings. It was checked when it came; on a card that garbled it, it brings nothing.
    fn content(&self, kept: Kept) -> Result<Option<Content>, Wrong> {
        let bytes = self.store.bundle_bytes(kept.no)?.unwrap_or_default();
        let files = Envelope::read(&bytes).and_then(|envelope| unpack(kept.role, envelope.payload));
        Ok(files.ok().and_then(|files| Content::read(kept.role, &files).ok()))
    }

    fn kept_of(&self, row: &HeldBundle) -> Result<Option<Kept>, Wrong> {
        let Some(role) = Role::named(&row.role) else { return Ok(None) };
        let Some(bytes) = self.store.bundle_bytes(row.no)?.filter(|bytes| sha256(bytes) == row.sha256) else { return Ok(None) };
        let Ok(envelope) = Envelope::read(&bytes) else { return Ok(None) };
        let stale_after_s = envelope.header.stale_after_s;
        let identity = envelope.identity();
        Ok(Some(Kept { no: row.no, role, version: row.version, min_root: row.min_root, sha256: row.sha256, stale_after_s, identity }))
    }

    fn kept_no(&self, name: &str) -> Result<u64, Wrong> {
        Ok(self.store.kept(name)?.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes))
    }

    fn newest(&self, role: Role) -> Option<Kept> {
        self.bundles.held.iter().rev().copied().find(|kept| kept.role == role)
    }

    fn is_in_force(&self, role: Role) -> bool {
        self.newest(role).is_some_and(|kept| kept.no == self.in_force_no(role))
    }

    const fn in_force_no(&self, role: Role) -> u64 {
        match role {
            Role::Prices => self.bundles.prices_no,
            Role::Staff => self.bundles.staff_no,
            Role::Root | Role::Image => 0,
        }
    }
}

impl Content {
    fn read(role: Role, files: &bundle::Files) -> Result<Self, Wrong> {
        let read = match role {
            Role::Staff => Roster::of_files(files).map(Self::Staff),
            _ => PriceList::of_files(files).map(|list| Self::Prices(Box::new(list))),
        };
        read.map_err(|fault| BundleWrong::Data(fault).into())
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).into()
}
