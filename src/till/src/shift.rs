//! Crew, trips, shifts and the drawer.

use argon2::{Argon2, PasswordHash, PasswordVerifier as _};
use bundle::Role;
use chrono::NaiveDate;
use domain::{
    Money, Refusal,
    cash::CashCount,
    crew::{CrewId, PinAttempts, Right},
    trip::TrainNo,
};
use journal::{DrawerOpening, Fact, ShiftClosed, ShiftRead, TripStarted};

use crate::{
    bundles::{KEPT_PRICES, KEPT_STAFF},
    command::{Answer, Effect, Wrong},
    printing::JobKind,
    till::{CLOCK_SET_S_MAX, CLOCK_SET_S_MIN, CLOCK_STEP_S_MAX, Doing, Till},
};

impl Till {
    pub(crate) fn sign_in(&mut self, crew: &str, pin: &str) -> Result<Answer, Wrong> {
        if self.books().crew.is_some() {
            return Err(Refusal::AlreadySignedIn.into());
        }
        let entry = CrewId::parse(crew).ok().and_then(|id| self.setup.roster.find(&id)).ok_or(Refusal::CrewUnknown)?;
        self.pin_may_be_tried(crew)?;
        let right = PasswordHash::new(&entry.pin_hash).is_ok_and(|hash| Argon2::default().verify_password(pin.as_bytes(), &hash).is_ok());
        if !right {
            self.commit(Doing::fact(Fact::PinRefused(crew.to_owned())))?;
            self.pin_refused_ms.insert(crew.to_owned(), self.now().uptime_ms);
            return Err(Refusal::PinWrong.into());
        }
        let staff = self.in_force(Role::Staff);
        self.commit(Doing::fact(Fact::CrewSignedIn(crew.to_owned())).keep(KEPT_STAFF, staff))?;
        self.pin_refused_ms.remove(crew);
        Ok(Answer::Done)
    }

    pub(crate) fn sign_out(&mut self) -> Result<Answer, Wrong> {
        let crew = self.books().crew.clone().ok_or(Refusal::NotSignedIn)?;
        self.refuse_while_selling()?;
        self.commit(Doing::fact(Fact::CrewSignedOut(crew)))?;
        drop(self.take_up_bundles());
        Ok(Answer::Done)
    }

    pub(crate) fn start_trip(&mut self, train: &str, operating_day: NaiveDate) -> Result<Answer, Wrong> {
        self.require(Right::Sell)?;
        if self.books().trip.is_some() {
            return Err(Refusal::TripRunning.into());
        }
        let train = TrainNo::parse(train).map_err(|_| Refusal::TripUnknown)?;
        let trip = self.setup.timetable.trip(&train, operating_day)?;
        let catalogue_version = self.setup.catalogue.version();
        let prices = self.in_force(Role::Prices);
        self.commit(Doing::fact(Fact::TripStarted(TripStarted { trip, catalogue_version })).keep(KEPT_PRICES, prices))?;
        Ok(Answer::Done)
    }

    pub(crate) fn end_trip(&mut self) -> Result<Answer, Wrong> {
        self.require(Right::Sell)?;
        if self.books().trip.is_none() {
            return Err(Refusal::TripNotStarted.into());
        }
        self.refuse_while_selling()?;
        self.commit(Doing::fact(Fact::TripEnded))?;
        drop(self.take_up_bundles());
        Ok(Answer::Done)
    }

    pub(crate) fn open_shift(&mut self, float: Money) -> Result<Answer, Wrong> {
        self.require(Right::OpenShift)?;
        if self.books().shift.is_some() {
            return Err(Refusal::ShiftOpen.into());
        }
        let float_minor = self.own_amount(float, 0)?;
        let no = self.books().shift_no + 1;
        self.commit(Doing::fact(Fact::ShiftOpened(no, float_minor)).then(Effect::OpenDrawer))?;
        Ok(Answer::Shift(no))
    }

    pub(crate) fn cash_drop(&mut self, amount: Money) -> Result<Answer, Wrong> {
        let minor = self.drawer_movement(Right::CashDrop, amount, true)?;
        self.commit(Doing::fact(Fact::CashDropped(minor)).then(Effect::OpenDrawer))?;
        Ok(Answer::Done)
    }

    pub(crate) fn paid_in(&mut self, amount: Money) -> Result<Answer, Wrong> {
        let minor = self.drawer_movement(Right::PaidIn, amount, false)?;
        self.commit(Doing::fact(Fact::PaidIn(minor)).then(Effect::OpenDrawer))?;
        Ok(Answer::Done)
    }

    pub(crate) fn paid_out(&mut self, amount: Money) -> Result<Answer, Wrong> {
        let minor = self.drawer_movement(Right::PaidOut, amount, true)?;
        self.commit(Doing::fact(Fact::PaidOut(minor)).then(Effect::OpenDrawer))?;
        Ok(Answer::Done)
    }

    pub(crate) fn no_sale(&mut self) -> Result<Answer, Wrong> {
        self.require(Right::NoSale)?;
        self.own_shift()?;
        if self.books().training {
            return Err(Refusal::TrainingForbids.into());
        }
        self.commit(Doing::fact(Fact::DrawerOpened(DrawerOpening::NoSale)).then(Effect::OpenDrawer))?;
        Ok(Answer::Done)
    }

    /// The drawer's self test. A drawer with money in it is opened only by whose it is.
    pub(crate) fn test_drawer(&mut self) -> Result<Answer, Wrong> {
        self.require(Right::Service)?;
        if self.books().shift.is_some() {
            self.own_shift()?;
        }
        if self.books().training {
            return Err(Refusal::TrainingForbids.into());
        }
        self.commit(Doing::fact(Fact::DrawerOpened(DrawerOpening::Service)).then(Effect::OpenDrawer))?;
        Ok(Answer::Done)
    }

    pub(crate) fn x_report(&mut self) -> Result<Answer, Wrong> {
        self.require(Right::Sell)?;
        let books = self.books();
        let shift = books.shift.as_ref().ok_or(Refusal::ShiftNotOpen)?;
        let read = ShiftRead {
            shift_no: shift.no,
            totals: books.totals.clone(),
            grand: books.grand,
            parked: self.parked_tally(),
            currency: self.setup.operator.currency,
        };
        self.commit(Doing::fact(Fact::XRead(Box::new(read))).print(JobKind::XReport))?;
        Ok(Answer::Done)
    }

    pub(crate) fn z_report(&mut self, counted: Money, pieces: Vec<(i64, u32)>) -> Result<Answer, Wrong> {
        let member = self.require(Right::CloseShift)?;
        let shift = self.books().shift.as_ref().ok_or(Refusal::ShiftNotOpen)?;
        if shift.crew != member.id.as_str() {
            member.role.require(Right::CloseShiftOfOther)?;
        }
        if self.books().training {
            return Err(Refusal::TrainingForbids.into());
        }
        self.refuse_while_selling()?;
        let counted_minor = self.own_amount(counted, 0)?;
        if !pieces.is_empty() {
            let count = CashCount { currency: self.setup.operator.currency, pieces: pieces.clone() };
            if count.total()? != counted {
                return Err(Refusal::CountUnequal.into());
            }
        }
        let books = self.books();
        let closed = ShiftClosed {
            z_no: books.z_no + 1,
            shift_no: shift.no,
            totals: books.totals.clone(),
            grand: books.grand,
            parked: self.parked_tally(),
            counted_minor,
            expected_minor: books.totals.drawer_minor(),
            pieces,
            currency: self.setup.operator.currency,
        };
        let (z_no, expected_minor) = (closed.z_no, closed.expected_minor);
        self.commit(Doing::fact(Fact::ZClosed(Box::new(closed))).print(JobKind::ZReport))?;
        Ok(Answer::Closed { z_no, expected: self.money(expected_minor), variance: self.money(counted_minor - expected_minor) })
    }

    pub(crate) fn switch_training(&mut self, on: bool) -> Result<Answer, Wrong> {
        self.require(Right::Training)?;
        self.refuse_while_selling().map_err(|_| Refusal::TrainingBusy)?;
        if self.books().training != on {
            self.commit(Doing::fact(Fact::TrainingSwitched(on)))?;
        }
        Ok(Answer::Done)
    }

    pub(crate) fn set_clock(&mut self, wall_s: i64) -> Result<Answer, Wrong> {
        if !(CLOCK_SET_S_MIN..=CLOCK_SET_S_MAX).contains(&wall_s) {
            return Err(Refusal::TimeUnreadable.into());
        }
        let (old_s, _) = self.wall(self.now());
        if old_s.abs_diff(wall_s) > CLOCK_STEP_S_MAX.unsigned_abs() || self.clock_trust() == journal::ClockTrust::NotProven {
            self.change_clock(old_s, wall_s, journal::ClockTrust::Crew)?;
        }
        Ok(Answer::Done)
    }

    /// A wrong PIN of this run is as old as the machine's uptime says, whatever becomes of the clock on the wall.
    /// One of an earlier run begins to age with this run: neither a restart nor a clock that somebody sets shortens the wait, and nobody
    /// waits for ever.
    fn pin_may_be_tried(&self, crew: &str) -> Result<(), Wrong> {
        let counted = self.books().pins.get(crew).copied().unwrap_or_default();
        let now = self.now();
        let since_s = |ms: u64| i64::try_from(now.uptime_ms.saturating_sub(ms) / 1000).unwrap_or(i64::MAX);
        let age_s = since_s(self.pin_refused_ms.get(crew).copied().unwrap_or(self.began_ms));
        let mut attempts = PinAttempts { wrong: counted.wrong, last_wrong_s: 0 };
        attempts.may_try(age_s).map_err(|wait_s| Wrong::PinDelayed { wait_s })
    }

    fn own_shift(&self) -> Result<(), Refusal> {
        let crew = self.crew().ok_or(Refusal::NotSignedIn)?;
        let shift = self.books().shift.as_ref().ok_or(Refusal::ShiftNotOpen)?;
        if shift.crew != crew.id.as_str() { Err(Refusal::ShiftOfOther) } else { Ok(()) }
    }

    fn drawer_movement(&self, right: Right, amount: Money, out: bool) -> Result<i64, Refusal> {
        self.require(right)?;
        self.own_shift()?;
        // The receipt that waits was settled with what the drawer holds.
        self.refuse_while_control_pending()?;
        if self.books().training {
            return Err(Refusal::TrainingForbids);
        }
        let minor = self.own_amount(amount, 1)?;
        if out && minor > self.books().totals.drawer_minor() {
            return Err(Refusal::DrawerShort);
        }
        Ok(minor)
    }

    fn own_amount(&self, amount: Money, least_minor: i64) -> Result<i64, Refusal> {
        if amount.currency() != self.setup.operator.currency {
            return Err(Refusal::CurrencyMismatch);
        }
        if amount.minor() < least_minor {
            return Err(Refusal::AmountNotPositive);
        }
        Money::checked(amount.minor(), amount.currency()).map(Money::minor)
    }

    pub(crate) fn parked_tally(&self) -> domain::report::Tally {
        let mut tally = domain::report::Tally::default();
        for parked in self.books().parked.values().filter(|parked| !parked.sale.terms.training) {
            tally.add(parked.sale.total().minor());
        }
        tally
    }
}
