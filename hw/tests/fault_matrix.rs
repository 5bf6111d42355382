//! Every fault at every point of a receipt, on every way of proof, with a till and a crew that do what the outcome tells them.
//! The table of what comes of it stands in the README; this test fails when it is stale.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::thread;

use common::{Rig, short_receipt, whole_on};
use hw::printer::escpos::VOID_MARK;
use hw::printer::profile::{EPSON_TM_T88, EPSON_TM_T88III, GENERIC_58MM, GENERIC_80MM_MUTE, Profile};
use hw::printer::{JobId, PrintOutcome, ReceiptPrinter};
use hw::sim::{PaperEnd, PrinterFault};

const BEGIN: &str = "<!-- fault matrix: begin -->";
const END: &str = "<!-- fault matrix: end -->";

/// One model for each way of proof.
const MODELS: [(Profile, &str); 4] = [
    (EPSON_TM_T88, "process ids, clears"),
    (EPSON_TM_T88III, "automatic status, `GS r`"),
    (GENERIC_58MM, "`GS r` alone"),
    (GENERIC_80MM_MUTE, "says nothing"),
];

/// Bytes between two points: each byte would do, and takes too long on a busy machine.
const STEP: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Once,
    Reprint,
    Asked,
    Refused,
}

/// Bytes that this model is sent for a receipt, greeting included.
fn job_bytes(profile: Profile) -> usize {
    // A fault that keeps nothing from printing strikes as long as there are so many bytes.
    let (mut low, mut high) = (0, 40_000);
    while low < high {
        let middle = usize::midpoint(low, high);
        let mut rig = Rig::pipe(profile);
        rig.simulated.set_fault_after(middle, PrinterFault::PaperNearEnd);
        let _ = rig.printer.print(JobId(1), &short_receipt());
        if rig.simulated.fault() == PrinterFault::PaperNearEnd { low = middle + 1 } else { high = middle }
    }
    low
}

/// A receipt with a fault after so many bytes; then hands mend the printer, and till and crew do what the outcome says.
fn strike(profile: Profile, fault: PrinterFault, point: usize) -> End {
    let told = |what: &str| format!("{}, {fault:?} after {point} bytes: {what}", profile.name);
    let document = short_receipt();
    let mut rig = Rig::pipe(profile);
    rig.simulated.set_fault_after(point, fault);
    let outcome = rig.printer.print(JobId(1), &document);
    let before_mending = rig.unmarked(&document);
    if outcome == PrintOutcome::Printed {
        assert_eq!(before_mending, 1, "{}", told("what counts as printed is on paper"));
    }
    rig.simulated.set_fault(PrinterFault::Ok);
    let end = match outcome {
        PrintOutcome::Printed => End::Once,
        PrintOutcome::NotPrinted { started: false, .. } => {
            assert_eq!(rig.simulated.strips().len() + usize::from(rig.simulated.strip_in_progress().is_some()), 0, "{}", told("no paper"));
            let again = rig.printer.print(JobId(2), &document);
            assert_ne!(again, outcome, "{}", told("a mended printer prints"));
            End::Refused
        }
        PrintOutcome::NotPrinted { started: true, .. } => {
            assert_eq!(rig.printer.print(JobId(2), &common::marked(&document)), PrintOutcome::Printed, "{}", told("the reprint"));
            End::Reprint
        }
        PrintOutcome::Uncertain { .. } => {
            // The crew looks at the paper. Nothing comes by itself, however often the till looks at the printer.
            let _ = ReceiptPrinter::state(&mut rig.printer);
            if before_mending == 0 {
                let _ = rig.printer.print(JobId(2), &common::marked(&document));
            }
            End::Asked
        }
    };
    // A next receipt, to see that the printer still prints and that nothing hangs together with it.
    let _ = rig.printer.print(JobId(3), &common::other_receipt());
    rig.simulated.tear();
    rig.check_paper(&document, &told("paper"));
    end
}

impl Rig<hw::sim::PipePort<hw::printer::sim::PrinterSimulator>> {
    /// At least one whole receipt, at most one without a mark, nothing cut off that is half and not marked as void.
    fn check_paper(&self, document: &hw::document::DocumentBuf, told: &str) {
        let strips = self.simulated.strips();
        let whole = strips.iter().filter(|strip| whole_on(strip.text(), document, self.columns)).count();
        let marked =
            strips.iter().filter(|strip| whole_on(strip.text(), document, self.columns) && common::is_marked(strip.text())).count();
        let texts: Vec<&str> = strips.iter().map(hw::sim::PaperStrip::text).collect();
        assert!(whole >= 1, "{told}: a receipt is lost: {texts:#?}");
        assert!(whole - marked <= 1, "{told}: two receipts without a mark: {texts:#?}");
        if strips.iter().any(|strip| strip.end() == PaperEnd::RollEnd) && self.printer.profile().is_mute() {
            // It goes on with the rest on the new roll and cuts it, and nobody hears that it did. The crew was asked.
            return;
        }
        for strip in strips.iter().filter(|strip| strip.end() != PaperEnd::RollEnd && !strip.text().trim().is_empty()) {
            let text = strip.text();
            let whole = whole_on(text, document, self.columns) || whole_on(text, &common::other_receipt(), self.columns);
            assert!(whole || text.contains(VOID_MARK), "{told}: half a receipt without a word: {texts:#?}");
        }
    }
}

/// The cells of one model, a fault each.
fn column(profile: Profile) -> Vec<String> {
    let length = job_bytes(profile);
    // The zero bytes before a mute printer's first job are all the same point.
    let first = if profile.is_mute() { hw::printer::Deadlines::default().flush_bytes } else { 0 };
    let cell = |&(_, fault): &(&str, PrinterFault)| {
        let mut ends = BTreeMap::<End, usize>::new();
        for point in (first..=length + STEP).step_by(STEP) {
            *ends.entry(strike(profile, fault, point)).or_default() += 1;
        }
        let count = |end| ends.get(&end).copied().unwrap_or(0);
        format!("{} · {} · {} · {}", count(End::Once), count(End::Reprint), count(End::Asked), count(End::Refused))
    };
    PrinterFault::NAMED.iter().map(cell).collect()
}

fn table() -> String {
    let heads = MODELS.map(|(profile, proof)| format!("{}: {proof}", profile.name));
    let mut lines = vec![format!("| fault | {} |", heads.join(" | ")), format!("|---|{}", "---|".repeat(MODELS.len()))];
    let columns = thread::scope(|scope| {
        let workers = MODELS.map(|(profile, _)| scope.spawn(move || column(profile)));
        workers.map(|worker| worker.join().expect("a model that keeps its promises"))
    });
    for (row, (name, _)) in PrinterFault::NAMED.iter().enumerate() {
        lines.push(format!("| {name} | {} |", columns.each_ref().map(|column| column[row].as_str()).join(" | ")));
    }
    lines.join("\n")
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a person asks for the README to be written anew")]
fn every_fault_at_every_point_ends_honestly_and_the_readme_says_how() {
    let table = table();
    println!("{table}");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).expect("the README");
    let (above, rest) = readme.split_once(BEGIN).expect("the table's first marker");
    let (written, below) = rest.split_once(END).expect("the table's last marker");
    if std::env::var_os("WRITE_FAULT_MATRIX").is_some() {
        fs::write(&path, format!("{above}{BEGIN}\n{table}\n{END}{below}")).expect("the README");
        return;
    }
    assert_eq!(written.trim(), table, "hw/README.md is stale: WRITE_FAULT_MATRIX=1 cargo test -p hw --test fault_matrix");
}
