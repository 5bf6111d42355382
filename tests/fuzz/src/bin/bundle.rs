//! Any bytes: a bundle, its payload, or the content of a root. Whatever can be read is the same when it is written again, and nobody believes it.
#![no_main]

use bundle::{Envelope, Header, Role, Root, SecretKey, Trust, pack, seal, sign, unpack};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if Envelope::read(bytes).is_ok() {
        let key = SecretKey::from_seed(&[7; 32]);
        if let Ok(signed) = sign(bytes, &key) {
            assert!(Envelope::read(&signed).is_ok_and(|envelope| envelope.signatures.iter().any(|one| one.key == key.public().id())));
        }
    }
    assert!(Trust::pin(bytes).is_err());
    for role in Role::ALL {
        if let Ok(files) = unpack(role, bytes) {
            assert_eq!(unpack(role, &pack(role, &files).expect("what was unpacked can be packed")), Ok(files));
        }
    }
    let header = Header {
        role: Role::Root,
        version: 1,
        created_s: 0,
        stale_after_s: 0,
        min_root: 0,
        large_change: false,
        operator: "Demo".into(),
        units: Vec::new(),
    };
    let Ok(sealed) = seal(&header, bytes) else { return };
    if let Ok(root) = Envelope::read(&sealed).and_then(|envelope| Root::of(&envelope)) {
        assert!(root.seal(0, 0).is_ok());
    }
});
