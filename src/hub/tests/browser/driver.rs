//! As much of WebDriver as these tests need, over plain HTTP to a chromedriver of their own.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// How long a page may take until it shows what it should.
const WAIT: Duration = Duration::from_secs(20);
/// How long a command may take: a browser that starts on a busy machine takes its time.
const ANSWER_WAIT: Duration = Duration::from_secs(240);
/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A size and a light.
#[derive(Clone, Copy)]
pub struct Look {
    name: &'static str,
    size: (u32, u32),
    night: bool,
}

impl Look {
    pub const DESK_DAY: Self = Self { name: "desk-day", size: (1280, 800), night: false };
    pub const PHONE_NIGHT: Self = Self { name: "phone-night", size: (390, 844), night: true };
    const ALL: [Self; 4] = [
        Self { name: "desk-night", size: (1280, 800), night: true },
        Self { name: "phone-day", size: (390, 844), night: false },
        Self::PHONE_NIGHT,
        Self::DESK_DAY,
    ];
}

/// A Chromium without a window.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    base: String,
    pictures: PathBuf,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one that looks at this hub.
    pub fn start(base: &str) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts; Debian has it in the package chromium-driver");
        let lines = BufReader::new(driver.stdout.take().expect("its output")).lines();
        let port =
            lines.map_while(Result::ok).find_map(|line| line.rsplit_once("successfully on port ")?.1.trim_end_matches('.').parse().ok());
        let profile = tempfile::tempdir().expect("a folder");
        let pictures = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("browser");
        fs::create_dir_all(&pictures).expect("a folder for pictures");
        let (port, base) = (port.expect("its port"), base.to_owned());
        let mut browser = Self { driver, port, session: String::new(), base, pictures, _profile: profile };
        let data = format!("--user-data-dir={}", browser._profile.path().display());
        let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", &data];
        let wanted = json!({"browserName": "chrome", "goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}});
        let begun = browser.ask("POST", "/session", &json!({"capabilities": {"alwaysMatch": wanted}}));
        browser.session = begun["sessionId"].as_str().expect("a session").to_owned();
        browser.call("POST", "/timeouts", &json!({"implicit": 10_000}));
        browser.look(Look::DESK_DAY);
        browser
    }

    /// Goes to a page of the hub.
    pub fn open(&self, path: &str) {
        self.call("POST", "/url", &json!({"url": format!("{}{path}", self.base)}));
    }

    /// Where it is.
    pub fn url(&self) -> String {
        self.call("GET", "/url", &Value::Null).as_str().expect("an address").to_owned()
    }

    /// Shows pages in this size and light.
    pub fn look(&self, look: Look) {
        let ((width, height), scheme) = (look.size, if look.night { "dark" } else { "light" });
        let phone = width < 600;
        self.tools(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}),
        );
        self.tools("Emulation.setEmulatedMedia", &json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}));
    }

    /// A picture of the page in every size and light.
    pub fn pictures(&self, name: &str) {
        for look in Look::ALL {
            self.look(look);
            let shot = self.tools("Page.captureScreenshot", &json!({"format": "png"}));
            let bytes = data_encoding::BASE64.decode(shot["data"].as_str().expect("a picture").as_bytes()).expect("base64");
            fs::write(self.pictures.join(format!("{name}-{}.png", look.name)), bytes).expect("a picture is written");
        }
    }

    pub fn click(&self, selector: &str) {
        let element = self.find(selector);
        self.call("POST", &format!("/element/{element}/click"), &json!({}));
    }

    pub fn type_in(&self, selector: &str, text: &str) {
        let element = self.find(selector);
        self.call("POST", &format!("/element/{element}/clear"), &json!({}));
        self.call("POST", &format!("/element/{element}/value"), &json!({"text": text}));
    }

    pub fn choose_file(&self, selector: &str, path: &std::path::Path) {
        let element = self.find(selector);
        self.call("POST", &format!("/element/{element}/value"), &json!({"text": path.to_str().expect("a path in UTF-8")}));
    }

    /// What an element shows.
    pub fn text(&self, selector: &str) -> String {
        let element = self.find(selector);
        self.call("GET", &format!("/element/{element}/text"), &Value::Null).as_str().unwrap_or_default().trim().to_owned()
    }

    pub fn has(&self, selector: &str) -> bool {
        self.script(&format!("return document.querySelector({selector:?}) !== null")) == json!(true)
    }

    /// What an expression is worth, as a number.
    pub fn number(&self, expression: &str) -> f64 {
        self.script(&format!("return {expression}")).as_f64().expect("a number")
    }

    /// Waits until an element says this.
    pub fn wait_for(&self, selector: &str, text: &str) {
        let said = || self.script(&format!("return document.querySelector({selector:?})?.textContent.trim()"));
        self.wait(&format!("{selector} says {text}"), || said() == json!(text));
    }

    /// Waits until there is no such element.
    pub fn wait_gone(&self, selector: &str) {
        self.wait(&format!("{selector} is gone"), || !self.has(selector));
    }

    /// What the browser had to complain about: scripts and styles refused, files missing. That a form was refused is no complaint.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.call("POST", "/se/log", &json!({"type": "browser"}));
        let lines = log.as_array().cloned().unwrap_or_default();
        let text = |line: &Value| line["message"].as_str().unwrap_or_default().to_owned();
        lines
            .iter()
            .filter(|line| line["level"] == "SEVERE")
            .map(text)
            .filter(|text| !text.contains("the server responded with a status of 4"))
            .collect()
    }

    fn wait(&self, what: &str, done: impl Fn() -> bool) {
        let until = Instant::now() + WAIT;
        while !done() {
            assert!(Instant::now() < until, "the page should show that {what}; {:?}", self.complaints());
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn script(&self, script: &str) -> Value {
        self.call("POST", "/execute/sync", &json!({"script": script, "args": []}))
    }

    fn tools(&self, command: &str, params: &Value) -> Value {
        self.call("POST", "/goog/cdp/execute", &json!({"cmd": command, "params": params}))
    }

    fn find(&self, selector: &str) -> String {
        let found = self.call("POST", "/element", &json!({"using": "css selector", "value": selector}));
        found[ELEMENT].as_str().unwrap_or_else(|| panic!("the page at {} has no {selector}: {found}", self.url())).to_owned()
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        self.ask(method, &format!("/session/{}{path}", self.session), body)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("chromedriver listens");
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).expect("asked");
        stream.set_read_timeout(Some(ANSWER_WAIT)).expect("a limit");
        let mut answer = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            answer.read_line(&mut line).expect("chromedriver answers");
            if line.trim().is_empty() {
                break;
            }
            if let Some((_, value)) = line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length")) {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut body = vec![0; length];
        answer.read_exact(&mut body).expect("a body");
        let body = String::from_utf8_lossy(&body);
        let mut answer: Value = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{method} {path}: {error}: {body}"));
        answer["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !thread::panicking() {
            self.call("DELETE", "", &Value::Null);
        }
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}
