//! Real PostgreSQL servers for tests: made in a temporary folder, on a free port of loopback, stopped and cleared away with their test.
#![expect(clippy::disallowed_methods, reason = "for tests: they start real servers")]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    os::unix::{fs::MetadataExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// How long a server may take to come up on a busy machine.
const START_WAIT: Duration = Duration::from_secs(90);
/// Where Debian keeps what is not on the path.
const BINARIES: &[&str] = &["/usr/lib/postgresql/17/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/15/bin"];
/// Holds the server as long as this process lives: when its standard input ends, so does the server, and its folder goes.
const KEEPER: &str = "\"$1/postgres\" -D \"$2/data\" >\"$2/output\" 2>&1 & pid=$!; echo $pid; read _; kill -INT $pid 2>/dev/null; \
     wait $pid; rm -rf \"$2\"";

/// A PostgreSQL server of its own.
pub struct Server {
    folder: PathBuf,
    /// The port on loopback.
    pub port: u16,
    keeper: Child,
    pid: u32,
}

impl Server {
    /// Makes a database cluster and starts it. `settings` are lines for its configuration.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    #[must_use]
    pub fn start(settings: &[&str]) -> Self {
        let folder = new_folder();
        let data = folder.join("data");
        run("initdb", &["-D", text(&data), "-U", "trolley", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        Self::of(folder, settings)
    }

    /// A standby that follows this server, with all that it has; nothing is acknowledged that it has not applied.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn standby(&self) -> Self {
        let folder = new_folder();
        let data = folder.join("data");
        let port = self.port.to_string();
        run("pg_basebackup", &["-h", "127.0.0.1", "-p", &port, "-U", "trolley", "-D", text(&data), "-R", "-X", "stream", "-c", "fast"]);
        let standby = Self::of(folder, &["hot_standby = on"]);
        self.sql("ALTER SYSTEM SET synchronous_standby_names = '*'");
        self.sql("ALTER SYSTEM SET synchronous_commit = 'remote_apply'");
        self.sql("SELECT pg_reload_conf()");
        self.wait_for("SELECT COUNT(*) FROM pg_stat_replication WHERE sync_state = 'sync'", "1");
        standby
    }

    fn of(folder: PathBuf, settings: &[&str]) -> Self {
        let port = free_port();
        let ours = format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\nfsync = on\nfull_page_writes = on\n\
             shared_buffers = 32MB\nmax_connections = 60\nmax_wal_senders = 4\nwal_level = replica\n"
        );
        append(&folder.join("data/postgresql.conf"), &format!("{ours}{}\n", settings.join("\n")));
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "sh", text(&binaries()), text(&folder)]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = own(&mut command).spawn().expect("a shell");
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().expect("its output")).read_line(&mut line).expect("the server's id");
        let pid = line.trim().parse().expect("a process id");
        let server = Self { folder, port, keeper, pid };
        server.wait_until_up();
        server
    }

    fn wait_until_up(&self) {
        let begun = Instant::now();
        while self.try_sql("postgres", "SELECT 1").is_err() {
            let output = || std::fs::read_to_string(self.folder.join("output")).unwrap_or_default();
            assert!(begun.elapsed() < START_WAIT, "PostgreSQL does not come up: {}", output());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// An empty database, as a URL.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn database(&self) -> String {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let name = format!("hub{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.sql(&format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// The URL of a database of this server.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        format!("postgres://trolley@127.0.0.1:{}/{name}", self.port)
    }

    /// Runs a text and answers the first column of its first row, empty for none.
    ///
    /// # Panics
    /// When the server says no.
    pub fn sql(&self, sql: &str) -> String {
        self.try_sql("postgres", sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    fn try_sql(&self, database: &str, sql: &str) -> Result<String, String> {
        let mut client = postgres::Client::connect(&self.url(database), postgres::NoTls).map_err(|error| error.to_string())?;
        let said = client.simple_query(sql).map_err(|error| format!("{error:?}"))?;
        let first = said.iter().find_map(|message| match message {
            postgres::SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or_default().to_owned()),
            _ => None,
        });
        Ok(first.unwrap_or_default())
    }

    /// Waits until a text answers this.
    ///
    /// # Panics
    /// When it does not.
    pub fn wait_for(&self, sql: &str, answer: &str) {
        let begun = Instant::now();
        while self.sql(sql) != answer {
            assert!(begun.elapsed() < START_WAIT, "{sql} does not answer {answer}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The server's process is killed: no goodbye, nothing flushed that was not.
    ///
    /// # Panics
    /// When there is no `kill`.
    pub fn kill(&self) {
        let pid = self.pid.to_string();
        // The backends as well, as when the machine goes: they would finish what they are at.
        let script = "for p in $(ps -o pid= --ppid \"$1\"); do kill -9 $p 2>/dev/null; done; kill -9 \"$1\"";
        Command::new("sh").args(["-c", script, "sh", &pid]).status().expect("a shell");
    }

    /// A standby takes over.
    ///
    /// # Panics
    /// When it does not.
    pub fn promote(&self) {
        self.sql("SELECT pg_promote(true, 60)");
        self.wait_for("SELECT pg_is_in_recovery()", "f");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        drop(self.keeper.wait());
    }
}

/// The server that all tests of this process share; each takes a database of its own.
#[must_use]
pub fn shared() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(&[]))
}

fn new_folder() -> PathBuf {
    let folder = tempfile::Builder::new().prefix("trolley-pg-").tempdir().expect("a folder").keep();
    if let Some((user, group)) = other_user() {
        std::os::unix::fs::chown(&folder, Some(user), Some(group)).expect("root may give a folder away");
    }
    folder
}

fn run(program: &str, arguments: &[&str]) {
    let mut command = Command::new(binaries().join(program));
    let output = own(command.args(arguments)).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

/// PostgreSQL refuses to run as root, so root becomes somebody else for it.
fn own(command: &mut Command) -> &mut Command {
    command.current_dir("/").env("LC_ALL", "C");
    match other_user() {
        Some((user, group)) => command.uid(user).gid(group),
        None => command,
    }
}

fn other_user() -> Option<(u32, u32)> {
    let me = std::fs::metadata("/proc/self").map_or(0, |of_me| of_me.uid());
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let find = |name: &str| {
        let line = users.lines().find(|line| line.starts_with(&format!("{name}:")))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    (me == 0).then(|| find("postgres").or_else(|| find("nobody")).unwrap_or((65_534, 65_534)))
}

fn binaries() -> PathBuf {
    let on_path = std::env::var("PATH").unwrap_or_default();
    let folders = BINARIES.iter().copied().chain(on_path.split(':'));
    let whole = |folder: &PathBuf| ["initdb", "postgres", "pg_basebackup"].iter().all(|program| folder.join(program).is_file());
    let found = folders.map(PathBuf::from).find(whole);
    found.expect("PostgreSQL is installed: Debian's package is postgresql")
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

fn append(path: &Path, text: &str) {
    let mut file = std::fs::OpenOptions::new().append(true).open(path).expect("the configuration");
    file.write_all(text.as_bytes()).expect("the configuration can be written");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a folder without strange letters")
}
