//! Words about devices: what there is, a test of each, the evidence file.

use std::{collections::VecDeque, io::Write, path::Path, sync::mpsc::RecvTimeoutError, time::Duration};

use domain::Refusal;
use serde_json::{Value, json};
use till::{Command, Happened, Wrong, desk::Device, desk::Event};

use super::{Drive, Input, TEST_WAIT, ok};
use crate::{devices::list, evidence, start::bundle_file};

impl<W: Write> Drive<W> {
    pub(super) fn devices(&self) -> Value {
        let row = |listed: crate::devices::Listed| json!({"device": listed.device, "place": listed.place, "state": listed.state});
        ok(json!({"devices": list(&self.simulated, &self.counter).into_iter().map(row).collect::<Vec<_>>()}))
    }

    pub(super) fn evidence(&self) -> Result<Value, Wrong> {
        let path = evidence::save(&self.counter, &self.simulated, self.clock.now())?;
        Ok(ok(json!({"evidence": path})))
    }

    /// Installs a signed bundle from a file, such as one on a stick.
    pub(super) fn install_bundle(&mut self, path: &Path) -> Result<Value, Wrong> {
        let bytes = bundle_file(path).ok_or(Wrong::from(Refusal::CommandUnreadable))?;
        let answer = self.counter.command(Command::InstallBundle(bytes), self.clock.now())?;
        self.answer(answer)
    }

    /// The bundles that are held, what the till goes by, and what is wrong with the last that came.
    pub(super) fn bundles(&self) -> Value {
        let till = self.counter.till();
        let held: serde_json::Map<_, _> = till.bundles_held().into_iter().map(|held| (held.role, json!(held.version))).collect();
        let [prices, staff] = till.bundles_in_force();
        let stale = till.stale_bundle(self.clock.now()).map(|(role, since_s)| json!({"role": role.name(), "since_s": since_s}));
        let wrong = self.counter.bundle_wrong().map(till::BundleWrong::code);
        json!({"held": held, "in_force": {"prices": prices, "staff": staff}, "stale": stale, "refused": wrong})
    }

    /// Tests a device and waits a moment for what comes of it; what comes later is news.
    /// The scanner waits for somebody, so its answer always is.
    pub(super) fn test(&mut self, device: Device) -> Result<Value, Wrong> {
        let mut outcome = self.counter.test(device, self.clock.now())?;
        let mut later = VecDeque::new();
        let began_ms = self.clock.now().uptime_ms;
        while outcome.is_none() && device != Device::Scanner {
            let left = TEST_WAIT.saturating_sub(Duration::from_millis(self.clock.now().uptime_ms.saturating_sub(began_ms)));
            let event = match self.inputs.recv_timeout(left) {
                Ok(Input::Event(event)) => event,
                Ok(input) => {
                    later.push_back(input);
                    continue;
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            };
            match event {
                Event::Tested(tested, well) if tested == device => outcome = Some(well),
                other => self.event(other),
            }
        }
        self.waiting.append(&mut later);
        Ok(tested(device, outcome, None))
    }

    /// What to say about something that happened in a test.
    pub(super) fn test_news(&self, happened: &Happened) -> Option<Value> {
        let Happened::Tested(device, well) = happened else { return None };
        let mut news =
            tested(*device, Some(*well), self.counter.states().scanned_in_test.as_deref().filter(|_| *device == Device::Scanner));
        news["event"] = json!("test");
        Some(news)
    }
}

fn tested(device: Device, outcome: Option<bool>, text: Option<&str>) -> Value {
    let test = match outcome {
        None => "waits",
        Some(true) => "well",
        Some(false) => "failed",
    };
    ok(json!({"device": device.name(), "test": test, "text": text}))
}
