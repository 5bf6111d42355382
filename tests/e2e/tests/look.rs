//! A first look.

use e2e::Rig;

#[test]
fn look() {
    let dir = tempfile::tempdir().expect("a folder");
    let rig = Rig::start(dir.path(), (1280.0, 800.0), false, Some(1_791_201_600));
    rig.keep_picture("look-1-sign-in");
    rig.tap("signin.crew.101");
    rig.keys("signin", "1101");
    rig.keep_picture("look-2-pin");
    rig.tap("signin.enter");
    rig.keep_picture("look-3-trip");
    rig.tap("trip.start");
    rig.keep_picture("look-4-shift");
    rig.tap("open-shift.open");
    rig.keep_picture("look-5-sell");
    rig.tap("sell.tile.1001");
    rig.tap("sell.category.food");
    rig.keep_picture("look-6-sell-food");
    println!("{:?}", rig.ids());
    rig.tap("sell.tile.3001");
    rig.tap("sell.pay");
    rig.keep_picture("look-7-pay");
    rig.tap("pay.cash.note.20000");
    rig.wait_for_paper();
    rig.keep_picture("look-8-done");
    rig.tap("done.next");
    rig.tap("strip.menu");
    rig.tap("menu.receipts");
    rig.keep_picture("look-9-receipts");
    rig.taps(&["strip.menu", "menu.shift"]);
    rig.keep_picture("look-a-shift");
    rig.taps(&["strip.menu", "menu.service"]);
    rig.keep_picture("look-b-service");
}
