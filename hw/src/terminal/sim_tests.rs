use super::*;

fn reference(text: &str) -> PaymentReference {
    PaymentReference::new(text).expect("a good reference")
}

fn is_approved(answer: &PaymentAnswer) -> bool {
    matches!(answer, PaymentAnswer::Approved(_))
}

#[test]
fn an_approved_payment_says_what_was_taken_and_no_card_number() {
    let mut terminal = TerminalSimulator::new();
    let PaymentAnswer::Approved(approval) = terminal.pay(&reference("a"), 4900, "SEK") else { panic!("not approved") };
    assert_eq!((approval.amount_minor, approval.currency.as_str(), approval.offline), (4900, "SEK", false));
    assert_eq!(approval.masked_pan.chars().filter(char::is_ascii_digit).count(), 4);
    assert_eq!(terminal.taken_minor("SEK"), 4900);
}

#[test]
fn the_same_reference_takes_money_once() {
    let mut terminal = TerminalSimulator::new();
    let first = terminal.pay(&reference("a"), 4900, "SEK");
    assert_eq!(terminal.pay(&reference("a"), 4900, "SEK"), first);
    assert_eq!(terminal.taken_minor("SEK"), 4900);
}

#[test]
fn a_lost_answer_is_found_again_by_reference() {
    let mut terminal = TerminalSimulator::new();
    terminal.set_mode(TerminalMode::SilentAfterApproval);
    assert_eq!(terminal.pay(&reference("a"), 4900, "SEK"), PaymentAnswer::Unknown);
    assert_eq!(terminal.status(&reference("a")), PaymentAnswer::Unknown, "still silent");
    terminal.set_mode(TerminalMode::Approve);
    assert!(is_approved(&terminal.status(&reference("a"))));
}

#[test]
fn a_request_that_was_never_heard_is_not_found() {
    let mut terminal = TerminalSimulator::new();
    for mode in [TerminalMode::Silent, TerminalMode::Unplugged] {
        terminal.set_mode(mode);
        assert_eq!(terminal.pay(&reference("a"), 4900, "SEK"), PaymentAnswer::Unknown);
    }
    terminal.set_mode(TerminalMode::Approve);
    assert_eq!(terminal.status(&reference("a")), PaymentAnswer::NotFound);
    assert_eq!(terminal.taken_minor("SEK"), 0);
}

#[test]
fn a_decline_takes_nothing_and_stays_a_decline() {
    let mut terminal = TerminalSimulator::new();
    terminal.set_mode(TerminalMode::Decline);
    assert!(matches!(terminal.pay(&reference("a"), 4900, "SEK"), PaymentAnswer::Declined { .. }));
    terminal.set_mode(TerminalMode::Approve);
    assert!(matches!(terminal.status(&reference("a")), PaymentAnswer::Declined { .. }));
    assert_eq!(terminal.taken_minor("SEK"), 0);
}

#[test]
fn a_refund_gives_back_what_was_taken() {
    let mut terminal = TerminalSimulator::new();
    assert!(is_approved(&terminal.pay(&reference("a"), 4900, "SEK")));
    assert!(is_approved(&terminal.refund(&reference("b"), &reference("a"), 1900, "SEK")));
    assert_eq!(terminal.taken_minor("SEK"), 3000);
    assert!(matches!(terminal.refund(&reference("c"), &reference("x"), 1900, "SEK"), PaymentAnswer::Declined { .. }));
}

#[test]
fn its_memory_survives_the_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("terminal");
    let mut terminal = TerminalSimulator::with_memory(&file).expect("no file yet");
    terminal.set_mode(TerminalMode::SilentAfterApproval);
    assert_eq!(terminal.pay(&reference("a"), 4900, "SEK"), PaymentAnswer::Unknown);
    let mut restarted = TerminalSimulator::with_memory(&file).expect("a memory");
    assert!(is_approved(&restarted.status(&reference("a"))));
    assert_eq!(restarted.taken_minor("SEK"), 4900);
}

#[test]
fn nonsense_is_declined_and_never_panics() {
    let mut terminal = TerminalSimulator::new();
    for (amount, currency) in [(0, "SEK"), (-1, "SEK"), (i64::MIN, "SEK"), (100, "kronor"), (100, "")] {
        assert!(matches!(terminal.pay(&reference("a"), amount, currency), PaymentAnswer::Declined { .. }));
    }
    assert!(is_approved(&terminal.pay(&reference("big"), i64::MAX, "SEK")));
    assert!(is_approved(&terminal.pay(&reference("bigger"), i64::MAX, "SEK")));
    assert_eq!(terminal.taken_minor("SEK"), i64::MAX);
    assert_eq!(PaymentReference::new(""), None);
    assert_eq!(PaymentReference::new("two words"), None);
}
