//! The drivers of control units against simulated units, on lines in the process and on pseudo-terminals.

use hw::control::{CleanCashVersion, ControlUnit, ReceiptRecord, RecordKind};
use hw::sim::{ControlFault, SimulatedControl, SimulatedUnit};

fn sale(number: u64) -> ReceiptRecord {
    ReceiptRecord {
        at: [2026, 10, 1, 12, 30],
        org_no: "5560000000".try_into().expect("ten digits"),
        register: "0142-3".try_into().expect("short"),
        number,
        kind: RecordKind::Normal,
        returned_minor: 0,
        sold_minor: 18_300,
        vat: [(2500, 700), (1200, 986)].into_iter().collect(),
    }
}

#[test]
fn every_fault_ends_as_it_should_and_the_same_receipt_is_recorded_once_after_it() {
    for version in [CleanCashVersion::V1, CleanCashVersion::V2] {
        for &(name, fault) in ControlFault::NAMED {
            let unit = SimulatedUnit::new();
            let mut control = SimulatedControl::cleancash(version, &unit);
            unit.set_fault(fault);
            let first = control.register(&sale(42));
            unit.set_fault(ControlFault::Ok);
            let again = control.register(&sale(42)).expect("mended");
            assert_eq!(unit.recorded().len(), 1, "{version:?} {name}");
            assert_eq!(again.code, unit.recorded()[0].code.as_str());
            println!("{version:?} {name}: {first:?}");
            if let Ok(first) = first {
                assert_eq!(first, again);
            }
        }
    }
}
