//! What the hub counts about itself, as Prometheus reads it.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// The media type of the text.
pub const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Upper ends of the classes of answers' durations, in microseconds, with the text that Prometheus wants.
const BUCKETS_US: [(u64, &str); 11] = [
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (500_000, "0.5"),
    (1_000_000, "1"),
    (10_000_000, "10"),
];
/// The most codes that are told apart.
const CODES_MAX: usize = 128;

/// The counters. They begin at zero when the hub starts.
#[derive(Default)]
pub struct Metrics {
    batches: Mutex<BTreeMap<&'static str, u64>>,
    refusals: Mutex<BTreeMap<String, u64>>,
    entries: AtomicU64,
    forks: AtomicU64,
    classes: [AtomicU64; BUCKETS_US.len()],
    answers: AtomicU64,
    answers_us: AtomicU64,
    projection_faults: AtomicU64,
}

/// The text of a page of metrics.
#[derive(Default)]
pub struct Page(String);

impl Metrics {
    /// A batch was answered: `appended`, `known`, `behind`, `forked` or `refused`.
    pub fn batch(&self, result: &'static str, new_entries: u64, took: Duration) {
        *self.batches.lock().unwrap_or_else(PoisonError::into_inner).entry(result).or_default() += 1;
        self.entries.fetch_add(new_entries, Ordering::Relaxed);
        if result == "forked" {
            self.forks.fetch_add(1, Ordering::Relaxed);
        }
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.answers.fetch_add(1, Ordering::Relaxed);
        self.answers_us.fetch_add(took_us, Ordering::Relaxed);
        if let Some(class) = BUCKETS_US.iter().position(|(end, _)| took_us <= *end) {
            self.classes[class].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Something was refused.
    pub fn refused(&self, code: &str) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let code = if refusals.len() < CODES_MAX || refusals.contains_key(code) { code } else { "other" };
        *refusals.entry(code.to_owned()).or_default() += 1;
    }

    /// A projection failed and will be tried again.
    pub fn projection_failed(&self) {
        self.projection_faults.fetch_add(1, Ordering::Relaxed);
    }

    /// All of it.
    pub fn write(&self, page: &mut Page) {
        page.family("hub_append_batches_total", "counter", "Batches answered since the start.");
        for (result, count) in &*self.batches.lock().unwrap_or_else(PoisonError::into_inner) {
            page.sample("hub_append_batches_total", &[("result", result)], i128::from(*count));
        }
        page.family("hub_refusals_total", "counter", "What was refused since the start, by code.");
        for (code, count) in &*self.refusals.lock().unwrap_or_else(PoisonError::into_inner) {
            page.sample("hub_refusals_total", &[("code", code)], i128::from(*count));
        }
        let one = |page: &mut Page, name: &str, kind: &str, help: &str, value: &AtomicU64| {
            page.family(name, kind, help);
            page.sample(name, &[], i128::from(value.load(Ordering::Relaxed)));
        };
        one(page, "hub_append_entries_total", "counter", "New entries committed since the start.", &self.entries);
        one(page, "hub_log_forks_total", "counter", "Forks found since the start.", &self.forks);
        one(page, "hub_projection_faults_total", "counter", "Projections that failed and were tried again.", &self.projection_faults);
        page.family("hub_append_seconds", "histogram", "From a whole batch to its answer, commit included.");
        let mut below = 0;
        for ((_, end), class) in BUCKETS_US.iter().zip(&self.classes) {
            below += class.load(Ordering::Relaxed);
            page.sample("hub_append_seconds_bucket", &[("le", end)], i128::from(below));
        }
        let answers = self.answers.load(Ordering::Relaxed);
        page.sample("hub_append_seconds_bucket", &[("le", "+Inf")], i128::from(answers));
        let sum_us = self.answers_us.load(Ordering::Relaxed);
        page.line(&format!("hub_append_seconds_sum {}.{:06}", sum_us / 1_000_000, sum_us % 1_000_000));
        page.sample("hub_append_seconds_count", &[], i128::from(answers));
    }
}

impl Page {
    /// Says what the samples that follow are.
    pub fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.line(&format!("# HELP {name} {help}\n# TYPE {name} {kind}"));
    }

    /// One number.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: i128) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        self.line(&format!("{name}{labels} {value}"));
    }

    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// The text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Resident memory of this process in bytes, where the kernel tells.
#[must_use]
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_durations_add_up() {
        let metrics = Metrics::default();
        for (result, millis) in [("appended", 3), ("appended", 30), ("forked", 20_000)] {
            metrics.batch(result, 2, Duration::from_millis(millis));
        }
        metrics.refused("log.unknown");
        let mut page = Page::default();
        metrics.write(&mut page);
        let text = page.into_text();
        for line in [
            "hub_append_batches_total{result=\"appended\"} 2",
            "hub_append_entries_total 6",
            "hub_log_forks_total 1",
            "hub_refusals_total{code=\"log.unknown\"} 1",
            "hub_append_seconds_bucket{le=\"0.0025\"} 0",
            "hub_append_seconds_bucket{le=\"0.005\"} 1",
            "hub_append_seconds_bucket{le=\"10\"} 2",
            "hub_append_seconds_bucket{le=\"+Inf\"} 3",
            "hub_append_seconds_sum 20.033000",
        ] {
            assert!(text.lines().any(|there| there == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn a_label_cannot_leave_its_quotes() {
        let mut page = Page::default();
        page.sample("x", &[("unit", "a\"} 1\nb\\")], 2);
        assert_eq!(page.into_text(), "x{unit=\"a\\\"} 1\\nb\\\\\"} 2\n");
    }

    #[test]
    fn codes_have_an_end() {
        let metrics = Metrics::default();
        for number in 0..10_000 {
            metrics.refused(&number.to_string());
        }
        assert!(metrics.refusals.lock().expect("not poisoned").len() <= CODES_MAX + 1);
    }
}
