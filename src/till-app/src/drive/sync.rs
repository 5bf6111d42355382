//! Words about the hub: one round now, and how the till stands with it.

use std::{collections::VecDeque, io::Write, sync::mpsc::RecvTimeoutError};

use serde_json::{Value, json};
use till::{
    Happened, Wrong,
    desk::{Event, UplinkTrouble},
    sync::{Round, SyncTrouble},
};

use super::{Drive, Input, QUIET, code_said, ok, show};

/// The longest wait for the end of a round, in milliseconds. A hub that takes a batch at a time and all its time is told of as one that hangs.
const ROUND_MS_MAX: u64 = 180_000;
/// Codes that are no trouble.
const WELL: [&str; 3] = ["sync.sending", "sync.only_here", "sync.all_sent"];

impl<W: Write> Drive<W> {
    /// One round, to its end.
    pub(super) fn sync(&mut self) -> Result<Value, Wrong> {
        let sales_before = self.counter.sync_state(self.clock.now()).here.sales;
        let round = match self.counter.sync_now(self.clock.now())? {
            Some(round) => round,
            None => self.round()?,
        };
        self.counter.install_bundles(self.clock.now());
        let state = self.counter.sync_state(self.clock.now());
        let told = json!({
            "sent": round.entries,
            "sales": sales_before.saturating_sub(state.here.sales),
            "cursor": {"seq": state.cursor.seq, "head": state.cursor.head.to_string()},
        });
        let Some(trouble) = round.trouble else { return Ok(ok(told)) };
        let mut answer = code_said(trouble.code());
        answer["refused"]["sent"] = told["sent"].clone();
        answer["refused"]["cursor"] = told["cursor"].clone();
        if let SyncTrouble::Uplink(UplinkTrouble::Refused(refused)) = &trouble {
            answer["refused"]["hub"] = json!({"code": refused.code, "says": refused.what, "do": refused.todo});
        }
        Ok(answer)
    }

    /// Waits for the end of the round; what else happens meanwhile happens as ever.
    fn round(&mut self) -> Result<Round, Wrong> {
        let mut later = VecDeque::new();
        let began_ms = self.clock.now().uptime_ms;
        let round = loop {
            if self.clock.now().uptime_ms.saturating_sub(began_ms) > ROUND_MS_MAX {
                break Ok(Round { entries: 0, trouble: Some(SyncTrouble::Uplink(UplinkTrouble::TimedOut)) });
            }
            match self.inputs.recv_timeout(QUIET) {
                Ok(Input::Event(event @ Event::Uplink(_))) => match self.counter.event(event, self.clock.now()) {
                    Ok(Happened::Synced(round)) => break Ok(round),
                    Ok(_) => {}
                    Err(wrong) => break Err(wrong),
                },
                Ok(Input::Event(event)) => self.event(event),
                Ok(input) => later.push_back(input),
                Err(RecvTimeoutError::Timeout) => match self.counter.tick(self.clock.now()) {
                    Ok(Some(round)) => break Ok(round),
                    Ok(None) => {}
                    Err(wrong) => break Err(wrong),
                },
                Err(RecvTimeoutError::Disconnected) => {
                    break Ok(Round { entries: 0, trouble: Some(SyncTrouble::Uplink(UplinkTrouble::Away)) });
                }
            }
        };
        self.waiting.append(&mut later);
        round
    }

    pub(super) fn hub(&self) -> Value {
        let state = self.counter.sync_state(self.clock.now());
        let enrolled = self.simulated.enrolled.as_ref();
        let mut told = show::sync(&state);
        told["url"] = json!(enrolled.map(|enrolled| enrolled.hub.to_string()));
        told["unit"] = json!(enrolled.map(|enrolled| &enrolled.unit));
        told["short_code"] = json!(enrolled.map(|enrolled| &enrolled.short_code));
        told["enrolled_log"] = json!(enrolled.map(|enrolled| enrolled.log));
        told["log"] = json!(self.counter.till().store().log().map(|log| log.log_id.to_string()));
        told["bundles"] = self.bundles();
        told["trouble"] = json!(Some(state.code).filter(|code| !WELL.contains(code)));
        told
    }
}
