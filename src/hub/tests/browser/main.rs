//! The pages in a real Chromium: signing in, the fleet board, a key confirmed, an incident to its end. Pictures of each lie in the target
//! folder's `tmp/browser`, to be looked at.
#![expect(clippy::disallowed_methods, reason = "an edge: the test starts a browser and a hub")]

mod bundles;
mod demo;
mod driver;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use hmac::{Hmac, KeyInit as _, Mac as _};
use hub::{Clock, Hub, Limits, Live, serve, tls::Identity};
use hub_store::HubStore;

use self::{
    demo::{NOW_S, Till},
    driver::{Browser, Look},
};

const PASSWORD: &str = "en mening som lösenord";

/// What a telephone would show.
fn one_time_code(secret: &str, now_s: i64) -> String {
    let key = data_encoding::BASE32_NOPAD.decode(secret.replace('-', "").as_bytes()).expect("base32");
    let step = now_s / 30;
    let mac = Hmac::<sha1::Sha1>::new_from_slice(&key).expect("a key").chain_update(step.to_be_bytes()).finalize().into_bytes();
    let at = usize::from(mac[19] & 15);
    let number = u32::from_be_bytes([mac[at], mac[at + 1], mac[at + 2], mac[at + 3]]) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

struct Bench {
    browser: Browser,
    hub: Arc<Hub>,
    now_s: Arc<AtomicI64>,
    secret: String,
    _dir: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let store = HubStore::sqlite(dir.path()).expect("a store");
        let identity = Identity::of_hub(&store, dir.path()).expect("a key");
        let now_s = Arc::new(AtomicI64::new(NOW_S));
        let told = Arc::clone(&now_s);
        let hub = Hub::new(store, dir.path().to_path_buf(), Clock::told_by(move || told.load(Ordering::SeqCst)));
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let addr = runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            serve::start(&hub, &identity, listener, Limits::default()).expect("served").addr
        });
        let browser = Browser::start(&format!("http://{addr}"));
        Self { browser, hub, now_s, secret: String::new(), _dir: dir, _runtime: runtime }
    }

    fn now_s(&self) -> i64 {
        self.now_s.load(Ordering::SeqCst)
    }

    /// The next code: half a minute later, since each is good once.
    fn next_code(&self) -> String {
        one_time_code(&self.secret, self.now_s.fetch_add(30, Ordering::SeqCst) + 30)
    }

    /// Makes the first account with the console's code, as its owner would.
    fn take_first_account(&mut self) {
        let code = hub::web::accounts::first_code(&self.hub.store, self.now_s()).expect("asked").expect("no account yet");
        let browser = &self.browser;
        browser.open("/");
        browser.wait_for("h1", "Sign in");
        browser.click("a[href='/welcome']");
        browser.type_in("#invite", &code);
        browser.pictures("invitation");
        browser.click("main button");
        browser.type_in("#name", "Demo Depå");
        browser.type_in("#login", "demo");
        browser.type_in("#password", PASSWORD);
        self.secret = browser.text("span.code");
        browser.type_in("#code", &one_time_code(&self.secret, self.now_s()));
        browser.pictures("account");
        browser.click("main button.main");
        browser.wait_for("h1", "The account is ready");
        assert!(hub::web::accounts::first_code(&self.hub.store, self.now_s()).expect("asked").is_none(), "the console's code is spent");
    }

    fn sign_in(&self) {
        let browser = &self.browser;
        browser.open("/sign-in");
        browser.type_in("#login", "demo");
        browser.type_in("#password", PASSWORD);
        browser.type_in("#code", &self.next_code());
        browser.pictures("sign-in");
        browser.click("main button.main");
        browser.wait_for("h1", "Fleet");
    }

    fn count(&self, id: &str) -> u64 {
        self.browser.text(id).parse().expect("a count")
    }
}

#[test]
fn from_the_consoles_code_to_an_incident_that_is_over() {
    let mut bench = Bench::new();
    let tills = demo::fleet(&bench.hub.store);
    bench.take_first_account();
    bench.sign_in();
    fleet_board(&bench, &tills);
    unit_page(&bench);
    incident(&bench);
    bench.browser.open("/alerts");
    bench.browser.pictures("alerts");
    bench.browser.open("/audit");
    bench.browser.pictures("audit");
    bench.browser.open("/accounts");
    bench.browser.pictures("accounts");
    assert_eq!(bench.browser.complaints(), Vec::<String>::new(), "no script or style is refused, nothing is missing");
}

fn fleet_board(bench: &Bench, tills: &[Till]) {
    let browser = &bench.browser;
    let (good, bad, silent) = (bench.count("#count-good"), bench.count("#count-bad"), bench.count("#count-silent"));
    assert_eq!(good + bad + silent, bench.count("#count-sum"));
    assert_eq!(good + bad + silent, 40);
    assert!(good > 0 && bad > 0 && silent > 0);
    browser.pictures("board");
    // A till that was away is heard from: the open page says so by itself.
    let away = tills.iter().find(|till| till.unit == "0131").expect("a silent till");
    away.post(&bench.hub.store, 3, &demo::well(bench.now_s()), bench.now_s());
    bench.hub.tell(Live::Unit(away.unit.clone()));
    browser.wait_for("#count-good", &(good + 1).to_string());
    assert_eq!(bench.count("#count-sum"), 40, "the counts still add up");
    browser.type_in("#q", "malmö");
    browser.wait_gone("#unit-0131");
    browser.open("/");
    browser.look(Look::PHONE_NIGHT);
    assert_eq!(
        browser.number("document.documentElement.scrollWidth"),
        browser.number("innerWidth"),
        "a telephone need not scroll sideways"
    );
    browser.look(Look::DESK_DAY);
}

fn unit_page(bench: &Bench) {
    let browser = &bench.browser;
    browser.open("/units/0125");
    browser.pictures("unit");
    let code = browser.text(".big");
    browser.type_in("input[name=digits]", "000000");
    browser.click("form[action$=confirm] button");
    browser.pictures("refused");
    assert_eq!(browser.text("p.code"), "log.short-code");
    browser.open("/units/0125");
    browser.type_in("input[name=digits]", &code);
    browser.click("form[action$=confirm] button");
    browser.wait_gone(".big");
    browser.open("/enrol");
    browser.type_in("#unit", "0199");
    browser.click("main button");
    let token = browser.text("#token");
    assert!(wire::Token::parse(&token).is_ok(), "{token}");
    browser.pictures("token");
}

fn incident(bench: &Bench) {
    let (browser, store) = (&bench.browser, &bench.hub.store);
    browser.open("/incidents");
    browser.type_in("#title", "Demo: främmande kort hittat i tre kassor");
    browser.type_in("#note", "Gör nya kort till alla berörda. Byt inte kassalåda.");
    browser.click("input[value=some]");
    browser.type_in("#units", "0101 0102 0103 0104 0105 0106");
    browser.pictures("incident-open");
    browser.click("main form button.main");
    browser.wait_for("#step-sum", "6");
    assert_eq!(bench.count("#left"), 6);
    let base = browser.url();
    bench.now_s.fetch_add(1_800, Ordering::SeqCst);
    for (unit, key) in [("0101", 201), ("0102", 202), ("0103", 203), ("0104", 204)] {
        let till = Till::new(unit, key);
        till.enrol(store, bench.now_s());
        if key > 201 {
            till.post(store, 4, &demo::well(bench.now_s()), bench.now_s() + 60);
        }
        if key > 202 {
            store.confirm(&till.log(), "demo", bench.now_s() + 120).expect("confirmed");
        }
    }
    bench.now_s.fetch_add(300, Ordering::SeqCst);
    bench.hub.tell(Live::Unit("0101".into()));
    browser.wait_for("#step-done", "2");
    assert_eq!((bench.count("#step-affected"), bench.count("#step-reimaged"), bench.count("#step-tested")), (2, 1, 1));
    assert_eq!(bench.count("#step-sum"), 6);
    browser.open(base.split_once("/incidents").map_or("", |_| &base[base.find("/incidents").unwrap_or(0)..]));
    browser.pictures("incident");
    for aside in 1..=4 {
        browser.click("summary");
        browser.type_in("details[open] input[name=why]", "skrotad");
        browser.click("details[open] button");
        browser.wait_for("#step-aside", &aside.to_string());
    }
    assert_eq!((bench.count("#left"), bench.count("#step-done")), (0, 2));
    browser.click("form[action$=close] button");
    browser.wait_gone("form[action$=close]");
    browser.pictures("incident-closed");
}
