use super::*;
use crate::{Envelope, Refusal, SIGNATURES_MAX, VERSION_MAX, unpack};

#[test]
fn what_the_right_key_signed_is_believed() {
    let depot = Depot::new();
    let bytes = depot.prices(7);
    let verified = verify(&bytes, &depot.trust, Reader { role: Some(Role::Prices), unit: Some("0142"), ..held(6) }).expect("believed");
    assert_eq!(verified.header(), &header(7));
    assert_eq!(verified.files(), Ok(files()));
    assert!(verify(&depot.prices(1), &depot.trust, Reader::default()).is_ok(), "the first one needs none before it");
}

#[test]
fn replay_of_what_is_held_is_refused() {
    let depot = Depot::new();
    assert_eq!(depot.refuses(&depot.prices(7), held(7)), "bundle.known");
}

#[test]
fn rollback_to_an_older_version_is_refused() {
    let depot = Depot::new();
    assert_eq!(verify(&depot.prices(6), &depot.trust, held(7)), Err(Refusal::Older { held: 7, found: 6 }));
}

#[test]
fn freeze_is_seen_and_stops_nobody() {
    let depot = Depot::new();
    let bytes = depot.prices(7);
    let verified = verify(&bytes, &depot.trust, held(6)).expect("believed, however old it is");
    assert!(!verified.is_stale(STALE_S) && verified.is_stale(STALE_S + 1));
}

#[test]
fn wrong_role_asked_for_is_refused() {
    let depot = Depot::new();
    assert_eq!(depot.refuses(&depot.prices(7), Reader { role: Some(Role::Staff), ..Reader::default() }), "bundle.role");
    let root = signed(&root(2, &depot.keys).seal(NOW_S, STALE_S).expect("a root"), &[&depot.keys[0], &depot.keys[1]]);
    assert_eq!(depot.refuses(&root, Reader::default()), "bundle.role", "roots are taken by steps alone");
}

#[test]
fn wrong_roles_key_counts_for_nothing() {
    let depot = Depot::new();
    let bytes = signed(&sealed(&header(7)), &[&depot.keys[2]]);
    assert_eq!(verify(&bytes, &depot.trust, held(6)), Err(Refusal::BelowThreshold { role: Role::Prices, signed: 0, needed: 1 }));
}

#[test]
fn wrong_roles_file_does_not_get_in() {
    let depot = Depot::new();
    assert_eq!(pack(Role::Prices, &Files::from([("crew.json".into(), Vec::new())])).expect_err("refused").code(), "bundle.files");
    let packed = pack(Role::Staff, &Files::from([("crew.json".into(), b"{}".to_vec())])).expect("files");
    let bytes = signed(&seal(&header(7), &packed).expect("a bundle"), &[&depot.keys[0]]);
    let verified = verify(&bytes, &depot.trust, held(6)).expect("signed");
    assert_eq!(verified.files().expect_err("refused").code(), "bundle.files");
}

#[test]
fn wrong_unit_is_refused_and_a_named_one_is_not() {
    let depot = Depot::new();
    let bytes = signed(&sealed(&Header { units: vec!["0142".into(), "0143".into()], ..header(7) }), &[&depot.keys[0]]);
    assert_eq!(depot.refuses(&bytes, Reader { unit: Some("0144"), ..held(6) }), "bundle.unit");
    assert!(verify(&bytes, &depot.trust, Reader { unit: Some("0143"), ..held(6) }).is_ok());
    assert!(verify(&bytes, &depot.trust, held(6)).is_ok(), "the hub is no unit");
}

#[test]
fn wrong_operator_is_refused_even_with_the_same_keys() {
    let depot = Depot::new();
    let bytes = signed(&sealed(&Header { operator: "Demo Buffet AB".into(), ..header(7) }), &[&depot.keys[0]]);
    assert_eq!(depot.refuses(&bytes, held(6)), "bundle.operator");
}

#[test]
fn one_key_twice_counts_once() {
    let depot = Depot::new();
    let image = Header { role: Role::Image, ..header(7) };
    let packed = pack(Role::Image, &Files::from([("image.json".into(), b"{}".to_vec())])).expect("files");
    let once = signed(&seal(&image, &packed).expect("a bundle"), &[&depot.keys[0]]);
    assert_eq!(depot.refuses(&once, held(6)), "bundle.below_threshold", "two of three are needed");
    assert_eq!(sign(&once, &depot.keys[0]).expect_err("refused").code(), "bundle.signed_twice");
    // The same by hand: count 2, and the same entry twice.
    let envelope = Envelope::read(&once).expect("a bundle");
    let entry = [&envelope.signatures[0].key.0[..], &envelope.signatures[0].signature].concat();
    let twice = [envelope.signed, &[2], &entry, &entry, envelope.payload].concat();
    assert_eq!(depot.refuses(&twice, held(6)), "bundle.signed_twice");
    assert!(verify(&signed(&once, &[&depot.keys[2]]), &depot.trust, held(6)).is_ok(), "a second person makes it good");
}

#[test]
fn key_id_of_another_key_helps_nobody() {
    let depot = Depot::new();
    let stranger = SecretKey::from_seed(&[9; 32]);
    let bytes = signed(&sealed(&header(7)), &[&stranger]);
    assert_eq!(depot.refuses(&bytes, held(6)), "bundle.below_threshold", "a stranger's signature counts for nothing");
    let envelope = Envelope::read(&bytes).expect("a bundle");
    let id = depot.keys[0].public().id();
    let forged = [envelope.signed, &[1], &id.0, &envelope.signatures[0].signature, envelope.payload].concat();
    assert_eq!(verify(&forged, &depot.trust, held(6)), Err(Refusal::SignatureWrong(id)));
}

#[test]
fn trailing_bytes_are_refused() {
    let depot = Depot::new();
    assert_eq!(depot.refuses(&[&depot.prices(7)[..], b"x"].concat(), held(6)), "bundle.trailing");
}

#[test]
fn cut_off_at_any_byte_it_is_refused() {
    let depot = Depot::new();
    let bytes = depot.prices(7);
    for end in 0..bytes.len() {
        let code = depot.refuses(&bytes[..end], held(6));
        assert_eq!(code, "bundle.cut_off", "cut at {end}");
    }
}

#[test]
fn oversize_is_refused_before_anything_is_believed() {
    let depot = Depot::new();
    let huge = vec![0; Role::Prices.bytes_max() + 1];
    assert_eq!(depot.refuses(&huge, held(6)), "bundle.too_large");
    let mut staff = sealed(&Header { role: Role::Staff, ..header(7) });
    staff.resize(Role::Staff.bytes_max() + 1, 0);
    assert_eq!(depot.refuses(&staff, held(6)), "bundle.too_large", "each role has its own limit");
    assert_eq!(seal(&header(7), &vec![0; Role::Prices.bytes_max()]).expect_err("refused").code(), "bundle.too_large");
}

#[test]
fn bomb_is_unpacked_no_further_than_the_limit() {
    let zeros = vec![0; Role::Staff.unpacked_bytes_max() * 3];
    let bomb = zstd::bulk::compress(&zeros, 19).expect("packed");
    assert!(bomb.len() < 4096, "{} bytes would become {}", bomb.len(), zeros.len());
    assert_eq!(unpack(Role::Staff, &bomb), Err(Refusal::Bomb(Role::Staff.unpacked_bytes_max())));
    let depot = Depot::new();
    let bytes = signed(&seal(&Header { role: Role::Staff, ..header(7) }, &bomb).expect("a bundle"), &[&depot.keys[0]]);
    let verified = verify(&bytes, &depot.trust, held(6)).expect("signed");
    assert_eq!(verified.files().expect_err("refused").code(), "bundle.bomb");
}

#[test]
fn version_at_the_end_of_numbers_is_refused() {
    let depot = Depot::new();
    for version in [u64::MAX, VERSION_MAX + 1, 0] {
        assert_eq!(seal(&header(version), b"").expect_err("refused"), Refusal::VersionAbsurd(version));
        let mut bytes = depot.prices(7);
        bytes[9..17].copy_from_slice(&version.to_be_bytes());
        assert_eq!(depot.refuses(&bytes, held(6)), "bundle.version");
    }
}

#[test]
fn unsigned_is_refused() {
    let depot = Depot::new();
    assert_eq!(depot.refuses(&sealed(&header(7)), held(6)), "bundle.unsigned");
}

#[test]
fn below_threshold_is_refused() {
    let depot = Depot::new();
    let bytes = sealed(&Header { large_change: true, ..header(7) });
    let one = signed(&bytes, &[&depot.keys[0]]);
    assert_eq!(verify(&one, &depot.trust, held(6)), Err(Refusal::BelowThreshold { role: Role::Root, signed: 1, needed: 2 }));
    assert!(verify(&signed(&one, &[&depot.keys[2]]), &depot.trust, held(6)).is_ok(), "a large change takes the root's threshold too");
}

#[test]
fn an_altered_byte_at_every_position_is_refused() {
    let depot = Depot::new();
    let bytes = signed(&sealed(&Header { units: vec!["0142".into()], ..header(7) }), &[&depot.keys[0]]);
    assert!(verify(&bytes, &depot.trust, held(6)).is_ok());
    for place in 0..bytes.len() {
        for flip in [1, 0x80, 0xff] {
            let mut altered = bytes.clone();
            altered[place] ^= flip;
            assert!(verify(&altered, &depot.trust, held(6)).is_err(), "byte {place} of {} with {flip:#x}", bytes.len());
        }
    }
}

#[test]
fn a_payload_under_somebody_elses_header_is_refused() {
    let depot = Depot::new();
    let bytes = depot.prices(7);
    let envelope = Envelope::read(&bytes).expect("a bundle");
    let mut other = bytes[..bytes.len() - envelope.payload.len()].to_vec();
    other.extend(vec![0; envelope.payload.len()]);
    assert_eq!(depot.refuses(&other, held(6)), "bundle.payload");
}

#[test]
fn a_signature_made_for_a_log_or_without_the_domain_is_none() {
    use ed25519_dalek::{Signer as _, SigningKey};
    let depot = Depot::new();
    let bytes = sealed(&header(7));
    let envelope = Envelope::read(&bytes).expect("a bundle");
    let signature = SigningKey::from_bytes(&[1; 32]).sign(envelope.signed).to_bytes();
    let forged = [envelope.signed, &[1], &depot.keys[0].public().id().0, &signature, envelope.payload].concat();
    assert_eq!(depot.refuses(&forged, held(6)), "bundle.signature");
}

#[test]
fn more_signatures_than_there_may_be_are_refused() {
    let strangers: Vec<_> = (0..SIGNATURES_MAX).map(|seed| SecretKey::from_seed(&[100 + u8::try_from(seed).expect("small"); 32])).collect();
    let bytes = signed(&sealed(&header(7)), &strangers.iter().collect::<Vec<_>>());
    assert_eq!(sign(&bytes, &SecretKey::from_seed(&[1; 32])).expect_err("refused").code(), "bundle.unreadable");
}
