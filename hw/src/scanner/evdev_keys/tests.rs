use super::*;

/// A folder as the kernel shows its input devices: a keyboard of crew, the scanner, and the scanner's second interface without keys.
fn class() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let keyboard = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe";
    for (name, vendor, product, phys, keys) in [
        ("event0", "046d", "c31c", "usb-0000:01:00.0-1.1/input0", keyboard),
        ("event2", "05e0", "1200", "usb-0000:01:00.0-1.3/input1", "0"),
        ("event10", "05e0", "1200", "usb-0000:01:00.0-1.4/input0", keyboard),
        ("event9", "05e0", "1200", "usb-0000:01:00.0-1.3/input0", keyboard),
        ("mouse0", "05e0", "1200", "usb-0000:01:00.0-1.3/input0", keyboard),
    ] {
        let device = folder.path().join(name).join("device");
        for (file, text) in [("id/vendor", vendor), ("id/product", product), ("phys", phys), ("capabilities/key", keys)] {
            let path = device.join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, format!("{text}\n")).expect("a file");
        }
    }
    folder
}

fn found(device: &str) -> Vec<String> {
    let class = class();
    let device = KeyDevice::parse(device).expect("a device");
    device.find(class.path()).iter().map(|path| path.display().to_string()).collect()
}

#[test]
fn only_the_configured_keyboard_is_found() {
    assert_eq!(found("05e0:1200"), ["/dev/input/event9", "/dev/input/event10"]);
    assert_eq!(found("05E0:1200"), ["/dev/input/event9", "/dev/input/event10"]);
    assert_eq!(found("usb-0000:01:00.0-1.4/input0"), ["/dev/input/event10"]);
    // The interface without keys is none, and neither is another socket.
    assert_eq!(found("usb-0000:01:00.0-1.3/input1"), [""; 0]);
    assert_eq!(found("05e0:1201"), [""; 0]);
}

#[test]
fn no_word_means_any_keyboard() {
    for text in ["", "*", "any", "05e0", "05e0:", "05e0:12", ":", "keyboard", "05e0:12zz"] {
        assert_eq!(KeyDevice::parse(text), None, "{text:?}");
    }
}

#[test]
fn a_keyboard_that_is_not_there_is_told_at_once() {
    let mut keys = EvdevKeys::new(KeyDevice::Place("no/such/place".to_owned()));
    assert_eq!(keys.next_key(Duration::from_secs(60)), Err(PortTrouble::NotFound));
}
