use proptest::prelude::*;

use super::*;

const FROZEN: &str = include_str!("tests/frozen_1.txt");

fn batch(entries: Vec<Vec<u8>>) -> Batch {
    let report = Report { wall_s: 1_790_000_000, program: "Trolley".into(), last_seq: 9, ..Report::default() };
    Batch { public: [1; 32], first_seq: 4, prev: Bytes32([2; 32]), entries, head: Bytes32([3; 32]), signature: [4; 64], report }
}

/// A sale as the journal writes one: the same shape each time, other numbers.
fn sale(seq: u64, sku: &str, qty: i64) -> Vec<u8> {
    let mut to = minicbor::Encoder::new(Vec::new());
    let mut write = || -> Result<(), minicbor::encode::Error<core::convert::Infallible>> {
        to.map(5)?.u8(0)?.u8(1)?.u8(1)?.u64(seq)?.u8(2)?.u16(40)?.u8(3)?.u64(1_790_000_000 + seq * 61)?.u8(12)?;
        to.map(3)?.u8(0)?.u64(seq / 2)?.u8(6)?.array(1)?.map(5)?;
        to.u8(1)?.str(sku)?.u8(2)?.str("Bryggkaffe")?.u8(5)?.i64(2900)?.u8(8)?.u32(600)?.u8(9)?.i64(qty)?;
        to.u8(9)?.array(1)?.map(2)?.u8(1)?.i64(2900 * qty)?.u8(2)?.str(&format!("abcd0123-{seq}"))?;
        Ok(())
    };
    assert!(write().is_ok(), "writing to memory does not fail");
    to.into_writer()
}

fn short(count: usize) -> u8 {
    u8::try_from(count).expect("a few")
}

/// Some CBOR, mostly in its shortest form.
fn item() -> impl Strategy<Value = Vec<u8>> {
    let head = |major: u8, value: u64| {
        let mut bytes = Vec::new();
        let mut to = minicbor::Encoder::new(&mut bytes);
        assert!(if major == 0 { to.u64(value).is_ok() } else { to.i64(-1 - value.cast_signed()).is_ok() });
        bytes
    };
    let text = "[a-c0-2 *-]{0,6}".prop_map(|text| minicbor::to_vec(text).expect("a text"));
    let leaf = prop_oneof![
        (any::<bool>(), 0_u64..300).prop_map(move |(negative, value)| head(u8::from(negative), value)),
        any::<u64>().prop_map(move |value| head(0, value)),
        text,
        prop::collection::vec(any::<u8>(), 0..4).prop_map(|bytes| minicbor::to_vec(minicbor::bytes::ByteVec::from(bytes)).expect("bytes")),
        prop::sample::select(vec![vec![0xf4], vec![0xf6], vec![0x18, 0x01], vec![0xfb, 0, 0, 0, 0, 0, 0, 0, 0], vec![0xc0, 0]]),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| [vec![0x80 | short(items.len())], items.concat()].concat()),
            prop::collection::vec((0_u8..20, inner), 0..4).prop_map(|items| {
                let pairs: Vec<u8> = items.iter().flat_map(|(key, value)| [vec![*key], value.clone()].concat()).collect();
                [vec![0xa0 | short(items.len())], pairs].concat()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn entries_come_out_as_they_went_in(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..40)) {
        let batch = batch(entries);
        prop_assert_eq!(Batch::decode(&batch.encode()), Ok(batch));
    }

    #[test]
    fn entries_with_a_structure_come_out_as_they_went_in(entries in prop::collection::vec(item(), 0..40)) {
        let batch = batch(entries);
        prop_assert_eq!(Batch::decode(&batch.encode()), Ok(batch));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        drop(Batch::decode(&bytes));
    }

    #[test]
    fn a_damaged_batch_is_read_or_refused(place in 0_usize..400, flip in 1_u8.., cut in 0_usize..400) {
        let mut bytes = batch((1..20).map(|seq| sale(seq, "1001", 2)).collect()).encode();
        if let Some(byte) = bytes.get_mut(place) {
            *byte ^= flip;
        }
        drop(Batch::decode(&bytes));
        bytes.truncate(cut);
        drop(Batch::decode(&bytes));
    }
}

#[test]
fn entries_of_one_shape_cost_a_few_bytes() {
    let of = |count: u64| batch((1..=count).map(|seq| sale(seq, if seq % 2 == 0 { "1001" } else { "2004" }, 1)).collect()).encode().len();
    let (fifty, hundred) = (of(50), of(100));
    assert!(hundred - fifty < 50 * 3, "fifty more cost {} bytes", hundred - fifty);
}

/// A batch's parts before what the coder wrote.
fn start(first_seq: u64, count: u64, plain: u64, packed: &[u8]) -> Vec<u8> {
    let mut bytes = vec![1];
    bytes.extend_from_slice(&[0; 160]);
    for number in [first_seq, count, plain, packed.len() as u64] {
        packed::write_number(&mut bytes, number);
    }
    bytes.extend_from_slice(packed);
    bytes
}

#[test]
fn what_a_hostile_till_sends_is_refused() {
    let whole = batch(vec![sale(4, "1001", 1), b"no CBOR".to_vec()]).encode();
    let zeros = |count: usize| zstd::bulk::compress(&vec![0; count], 9).expect("packed");
    let (bomb, small) = (zeros(BATCH_UNPACKED_BYTES_MAX + 1), zeros(100));
    assert!(bomb.len() < 2_000);
    let most = BATCH_UNPACKED_BYTES_MAX as u64;
    let cases = [
        ("nothing", Vec::new()),
        ("a format that is not known", vec![2; 300]),
        ("too many bytes", vec![1; BATCH_BYTES_MAX + 1]),
        ("a cut in the start", whole[..100].to_vec()),
        ("a byte too few", whole[..whole.len() - 1].to_vec()),
        ("a byte too many", [&whole[..], &[0]].concat()),
        ("no seq 0", [start(0, 0, 0, &[]), vec![0; 9]].concat()),
        ("a seq that overflows", [start(u64::MAX, 1, 0, &[]), vec![0; 9]].concat()),
        ("a seq that no database holds", [start(i64::MAX as u64, 1, 0, &[]), vec![0; 9]].concat()),
        ("too many entries", [start(1, 4097, 0, &[]), vec![0; 9]].concat()),
        ("as many entries as can be written", [start(1, u64::MAX, 0, &[]), vec![0; 9]].concat()),
        ("a number that is too long", [&start(1, 0, 0, &[])[..161], &[0xff; 12]].concat()),
        ("a bomb", start(1, 1, most + 1, &bomb)),
        ("a bomb that says it is small", start(1, 1, most, &bomb)),
        ("packed bytes that are fewer than they say", start(1, 1, 101, &small)),
        ("packed bytes that are more than they say", start(1, 1, 99, &small)),
        ("more packed bytes than there are", [&start(1, 1, 100, &[])[..163], &[100, 0xff, 0x7f]].concat()),
        ("all zeros", [start(1, 4096, 0, &[]), vec![0; 100_000]].concat()),
        ("all ones", [start(1, 4096, 0, &[]), vec![0xff; 100_000]].concat()),
    ];
    for (what, bytes) in cases {
        assert!(Batch::decode(&bytes).is_err(), "{what} was read");
    }
}

#[test]
fn an_entry_nested_without_end_is_carried_as_bytes() {
    let deep = [vec![0x81; 100_000], vec![0]].concat();
    let batch = batch(vec![deep, [vec![0x81; 13], vec![0]].concat(), [vec![0x81; 12], vec![0]].concat()]);
    assert_eq!(Batch::decode(&batch.encode()), Ok(batch));
}

#[test]
fn a_full_batch_of_the_longest_entries_comes_out_as_it_went_in() {
    let entries = vec![vec![7; ENTRY_BYTES_MAX]; BATCH_UNPACKED_BYTES_MAX / ENTRY_BYTES_MAX];
    let long = batch(entries);
    assert_eq!(Batch::decode(&long.encode()), Ok(long));
    let many = batch(vec![vec![0x80]; BATCH_ENTRIES_MAX]);
    assert_eq!(Batch::decode(&many.encode()), Ok(many));
}

#[test]
fn more_texts_and_shapes_than_are_remembered_come_out_as_they_went_in() {
    let entry = |from: u16| {
        let pairs = (from..from + 300).map(|number| {
            let [high, low] = number.to_be_bytes();
            [&[0x83, 0x43, high, low, 3, 0x43, high, low, 3, 0xa1, 0x19, 0x10 | high, low, 0][..]].concat()
        });
        [vec![0x99, 1, 44], pairs.collect::<Vec<_>>().concat()].concat()
    };
    let batch = batch((0..60).map(|turn| entry(turn * 150)).collect());
    assert_eq!(Batch::decode(&batch.encode()), Ok(batch));
}

#[test]
fn bytes_of_format_1_are_read_for_ever() {
    let entries = vec![sale(4, "1001", 1), sale(5, "1001", 1), sale(6, "2004", 3), b"no CBOR".to_vec(), sale(8, "1001", 1)];
    let bytes = data_encoding::HEXLOWER.decode(FROZEN.trim().as_bytes()).expect("hexadecimal digits");
    assert_eq!(Batch::decode(&bytes), Ok(batch(entries)));
}
