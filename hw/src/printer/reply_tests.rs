use proptest::prelude::*;

use super::*;

fn replies(bytes: &[u8]) -> std::vec::Vec<Reply> {
    let mut demultiplexer = Demultiplexer::new();
    bytes.iter().filter_map(|&byte| demultiplexer.take(byte)).collect()
}

fn block(head: u8, body: &[u8]) -> Reply {
    Reply::Block { head, body: Vec::from_slice(body).expect("a short block") }
}

#[test]
fn replies_that_share_the_line_are_told_apart() {
    let seen = replies(&[
        0x12, 0x10, 0x00, 0x00, 0x00, 0x37, 0x22, b'0', b'0', b'1', b'A', 0x00, 0x00, 0x11, 0x13, 0x38, 0x00, 0x0c, 0x00, 0x37, 0x25, 0x00,
        0x5f, b'E', b'P', b'S', b'O', b'N', 0x00, 0x80,
    ]);
    assert_eq!(
        seen,
        [
            Reply::RealTime(0x12),
            Reply::Status(Status([0x10, 0, 0, 0])),
            block(0x37, b"\x22001A"),
            Reply::InLine(0),
            Reply::Resume,
            Reply::Pause,
            Reply::Status(Status([0x38, 0, 0x0c, 0])),
            block(0x37, b"\x25"),
            block(0x5f, b"EPSON"),
            Reply::Garbage(0x80),
        ]
    );
    assert_eq!(seen[2].process_id(), Some(*b"001A"));
    assert!(seen[7].is_cleared() && !seen[2].is_cleared());
}

/// The values that an independent host is known to read so, one byte at a time and with garbage between.
#[test]
fn the_answers_of_real_exchanges_are_read_as_an_independent_host_reads_them() {
    assert_eq!(replies(&[0x12]), [Reply::RealTime(0x12)]);
    assert_eq!(replies(&[0x32]), [Reply::RealTime(0x32)]);
    assert_eq!(replies(&[0x16]), [Reply::RealTime(0x16)]);
    for (bytes, offline, paper_out, cover_open) in
        [([0x10, 0, 0, 0], false, false, false), ([0x18, 0, 0x0c, 0], true, true, false), ([0x38, 0, 0, 0], true, false, true)]
    {
        let [Reply::Status(status)] = replies(&bytes)[..] else { panic!("{bytes:x?}") };
        assert_eq!((status.is_offline(), status.is_paper_out(), status.is_cover_open()), (offline, paper_out, cover_open));
    }
    let seen = replies(b"\x5fEPSON\0\xff\x80\x5fTM-T88V\0\x00");
    assert_eq!(seen[0].text().as_deref(), Some("EPSON"));
    assert_eq!(seen[1..3], [Reply::Garbage(0xff), Reply::Garbage(0x80)]);
    assert_eq!((seen[3].text().as_deref(), &seen[4]), (Some("TM-T88V"), &Reply::InLine(0)));
    // Between its head and its end a block may hold what looks like flow control, where the line leaves it in.
    assert_eq!(replies(&[0x37, 0x22, 0x11, 0x13, 0x20, 0x7e, 0x00])[0].process_id(), Some([0x11, 0x13, 0x20, 0x7e]));
    assert_eq!(replies(&[]), []);
}

#[test]
fn an_identity_of_odd_bytes_is_text_all_the_same() {
    assert_eq!(replies(b"\x5f \xff1.0\x01b \0")[0].text().as_deref(), Some("1.0 b"));
    assert_eq!(replies(b"\x37\x25\0")[0].text(), None);
}

#[test]
fn flow_control_inside_a_status_does_not_spoil_it() {
    assert_eq!(replies(&[0x18, 0x13, 0x00, 0x0c, 0x11, 0x00]), [Reply::Pause, Reply::Resume, Reply::Status(Status([0x18, 0, 0x0c, 0]))]);
}

#[test]
fn a_status_that_breaks_off_does_not_swallow_the_next_answer() {
    assert_eq!(replies(&[0x10, 0x00, 0x12, 0x10, 0, 0, 0]), [Reply::RealTime(0x12), Reply::Status(Status([0x10, 0, 0, 0]))]);
}

#[test]
fn an_endless_block_is_dropped_and_the_line_heard_again() {
    let mut bytes = std::vec![0x5f];
    bytes.extend([b'x'; 500]);
    bytes.extend([0x00, 0x12]);
    assert_eq!(replies(&bytes), [Reply::Garbage(0x5f), Reply::RealTime(0x12)]);
}

#[test]
fn status_bits_mean_what_the_manual_says() {
    let paper_out = Status([0x18, 0x00, 0x0c, 0x00]);
    assert!(paper_out.is_offline() && paper_out.is_paper_out() && !paper_out.is_cover_open());
    let cover_open = Status([0x38, 0x00, 0x00, 0x00]);
    assert!(cover_open.is_offline() && cover_open.is_cover_open() && !cover_open.is_paper_out());
    let cutter = Status([0x18, 0x08, 0x00, 0x00]);
    assert!(cutter.is_cutter_stuck() && !cutter.is_fault());
    let good = Status([0x14, 0x00, 0x03, 0x00]);
    assert!(good.is_drawer_pin_high() && good.is_paper_near_end() && !good.is_offline() && !good.is_fault());
}

fn any_reply() -> impl Strategy<Value = std::vec::Vec<u8>> {
    prop_oneof![
        any::<u8>().prop_map(|bits| std::vec![(bits & 0x6c) | 0x12]),
        any::<[u8; 4]>().prop_map(|bits| std::vec![(bits[0] & 0x6c) | 0x10, bits[1] & 0x6f, bits[2] & 0x6f, bits[3] & 0x6f]),
        any::<u8>().prop_map(|bits| std::vec![bits & 0x6f]),
        (0_usize..5, proptest::collection::vec(1_u8..=0xff, 0..BLOCK_BYTES_MAX)).prop_map(|(head, body)| {
            let mut bytes = std::vec![BLOCK_HEADS[head]];
            bytes.extend(body);
            bytes.push(0);
            bytes
        }),
        prop_oneof![Just(std::vec![XON]), Just(std::vec![XOFF])],
    ]
}

proptest! {
    #[test]
    fn whole_replies_in_any_order_are_each_read_once(parts in proptest::collection::vec(any_reply(), 0..40)) {
        let one_by_one: std::vec::Vec<Reply> = parts.iter().flat_map(|part| replies(part)).collect();
        prop_assert_eq!(one_by_one.len(), parts.len());
        prop_assert_eq!(replies(&parts.concat()), one_by_one);
    }

    #[test]
    fn any_split_of_the_line_reads_the_same(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0_usize..400) {
        let cut = cut.min(bytes.len());
        let mut demultiplexer = Demultiplexer::new();
        let mut seen: std::vec::Vec<Reply> = std::vec::Vec::new();
        for part in [&bytes[..cut], &bytes[cut..]] {
            seen.extend(part.iter().filter_map(|&byte| demultiplexer.take(byte)));
        }
        prop_assert_eq!(seen, replies(&bytes));
    }

    #[test]
    fn garbage_never_deafens_for_longer_than_a_reset(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut demultiplexer = Demultiplexer::new();
        for &byte in &bytes {
            let _ = demultiplexer.take(byte);
        }
        demultiplexer.reset();
        prop_assert_eq!(demultiplexer.take(0x12), Some(Reply::RealTime(0x12)));
    }
}
