use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use super::*;

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn lines(sink: &Sink) -> Vec<Value> {
    let bytes = sink.0.lock().expect("not poisoned").clone();
    String::from_utf8(bytes).expect("text").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn a_line_is_one_json_object() {
    let sink = Sink::default();
    let log = Log::to(Box::new(sink.clone()), Clock::told_by(|| 0));
    log.line(Level::Warn, "refused", &[("code", "log.unknown".into()), ("text", "two\nlines".into())]);
    let expected = serde_json::json!({
        "at": "1970-01-01T00:00:00Z", "level": "warn", "what": "refused", "code": "log.unknown", "text": "two\nlines"
    });
    assert_eq!(lines(&sink), [expected]);
}

#[test]
fn what_repeats_is_counted_and_told_in_the_next_minute() {
    let sink = Sink::default();
    let now = Arc::new(AtomicI64::new(0));
    let told = Arc::clone(&now);
    let log = Log::to(Box::new(sink.clone()), Clock::told_by(move || told.load(Ordering::SeqCst)));
    for _ in 0..1000 {
        log.line(Level::Warn, "refused", &[("code", "log.unknown".into())]);
    }
    log.line(Level::Warn, "refused", &[("code", "log.revoked".into())]);
    assert_eq!(lines(&sink).len(), LINES_PER_MINUTE_MAX as usize + 1, "one code does not silence another");
    now.store(60, Ordering::SeqCst);
    log.line(Level::Warn, "refused", &[("code", "log.unknown".into())]);
    assert_eq!(lines(&sink).last().expect("a line")["left_out"], 1000 - LINES_PER_MINUTE_MAX);
}
