//! The program `hub`, built by cargo and started on a folder of its own.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
    time::Duration,
};

use serde_json::Value;

/// Looks at what the hub shows before it is said that it never will; projections follow what was taken in.
const LOOKS_MAX: usize = 600;

/// A hub.
pub struct HubProgram {
    dir: PathBuf,
    child: Option<Child>,
    port: u16,
    api_token: String,
}

/// Where cargo puts the program. It belongs to another package, so that this one's tests have to ask for it.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let arguments = ["build", "--locked", "-p", "hub", "--bin", "hub", "--message-format", "json-render-diagnostics"];
        let output = Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::inherit()).output();
        let output = output.expect("cargo starts");
        assert!(output.status.success(), "the hub builds");
        let messages = String::from_utf8(output.stdout).expect("UTF-8");
        let built = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        built.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).next_back().expect("cargo tells where the hub is")
    })
}

impl HubProgram {
    /// Starts one on a fresh folder.
    pub fn start(dir: &Path) -> Self {
        let mut hub = Self { dir: dir.to_path_buf(), child: None, port: 0, api_token: String::new() };
        hub.again();
        hub.api_token = hub.run(&["api-token", "--name", "test"]);
        hub
    }

    /// Starts it again on the same folder and port.
    pub fn again(&mut self) {
        let mut command = self.command(&["serve", "--listen", &format!("127.0.0.1:{}", self.port)]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the hub starts");
        let mut said = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        said.read_line(&mut line).expect("a line");
        let port = line.trim().rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        self.port = port.unwrap_or_else(|| panic!("the hub says where it listens: {line:?}"));
        // What else it says is read, so that it never waits for a reader.
        thread::spawn(move || drop(std::io::copy(&mut said, &mut std::io::sink())));
        self.child = Some(child);
    }

    /// Pulls its plug.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
    }

    /// Where tills find it.
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// A token for a unit.
    pub fn token(&self, unit: &str) -> String {
        self.run(&["token", "--unit", unit])
    }

    /// Does something with the hub's folder; gives what it says.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("the hub starts");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    }

    /// The unit's sales, once there are so many.
    pub fn sales_until(&self, unit: &str, wanted: usize) -> Vec<Value> {
        let mut seen = Value::Null;
        for _ in 0..LOOKS_MAX {
            seen = self.read(&format!("/api/v1/sales?unit={unit}"));
            let sales = seen["sales"].as_array().cloned().unwrap_or_default();
            assert!(sales.len() <= wanted, "more than {wanted} sales: {seen}");
            if sales.len() == wanted {
                return sales;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("there never were {wanted} sales: {seen}");
    }

    /// What the API answers to this machine, in plain HTTP.
    fn read(&self, path: &str) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the hub listens");
        let token = &self.api_token;
        let request = format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("the hub reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the hub answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("head and body");
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {answer}");
        let json = body.find('{').and_then(|from| body.rfind('}').map(|to| &body[from..=to]));
        serde_json::from_str(json.unwrap_or(body)).unwrap_or_else(|error| panic!("{error}: {body}"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).arg("--data").arg(&self.dir);
        command
    }
}

impl Drop for HubProgram {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }
}
