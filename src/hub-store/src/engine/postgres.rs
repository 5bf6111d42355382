//! PostgreSQL: for large fleets, and for several hubs on one database.
//!
//! A lost connection, a deadlock, a server that is being replaced: all of it is [`Fault::Busy`], and the same call again is the answer. After a
//! commit whose answer was lost nobody knows whether it is there; whoever repeats a call finds out.

use core::time::Duration;
use std::{
    collections::HashMap,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use postgres::{
    Client, Config, NoTls, Statement,
    binary_copy::BinaryCopyInWriter,
    config::TargetSessionAttrs,
    error::SqlState,
    types::{ToSql, Type},
};

use super::{Dialect, Engine, Row, Tx, Value};
use crate::Fault;

/// The most connections that one hub opens.
pub const CONNECTIONS_MAX: usize = 16;
/// How long a call waits for a connection that is free.
const FREE_WAIT: Duration = Duration::from_secs(10);
/// How long one host may take to answer at all.
const CONNECT_WAIT: Duration = Duration::from_secs(5);
/// How long what was sent may go without an answer from the other machine's network.
const SILENT_WAIT: Duration = Duration::from_secs(15);
/// How many connections may turn out dead before a call is told.
const BEGIN_TRIES_MAX: usize = 2;
/// The most texts that a connection keeps prepared.
const STATEMENTS_MAX: usize = 512;
/// A lock held longer than this is somebody's fault; nobody waits for ever. The texts here are over before they would be compiled.
const SESSION: &str =
    "SET jit = off; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = 'warning'";

/// A database on a PostgreSQL server.
pub struct Postgres {
    config: Config,
    idle: Mutex<Idle>,
    freed: Condvar,
}

#[derive(Default)]
struct Idle {
    connections: Vec<Connection>,
    open: usize,
}

struct Connection {
    client: Client,
    statements: HashMap<String, Statement>,
}

impl Postgres {
    /// Takes a URL (`postgres://hub@db1,db2/trolley`) and opens the first connection. Of several hosts the one that takes writes is used, so
    /// that a standby is found when it has been promoted.
    ///
    /// # Errors
    /// [`Fault::Postgres`] for a URL that is none, [`Fault::Busy`] when no host answers.
    pub fn open(url: &str) -> Result<Self, Fault> {
        let mut config: Config = url.parse()?;
        config.target_session_attrs(TargetSessionAttrs::ReadWrite).application_name("trolley hub").tcp_user_timeout(SILENT_WAIT);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_WAIT);
        }
        let engine = Self { config, idle: Mutex::default(), freed: Condvar::new() };
        let first = engine.take()?;
        engine.put_back(Some(first));
        Ok(engine)
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection, once one is free.
    fn take(&self) -> Result<Connection, Fault> {
        let full = |idle: &mut Idle| idle.connections.is_empty() && idle.open >= CONNECTIONS_MAX;
        let waited = self.freed.wait_timeout_while(self.idle(), FREE_WAIT, full);
        let (mut idle, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = idle.connections.pop() {
            return Ok(connection);
        }
        if waited.timed_out() {
            return Err(Fault::Busy(format!("all {CONNECTIONS_MAX} connections are in use")));
        }
        idle.open += 1;
        drop(idle);
        let connected = self.connect();
        if connected.is_err() {
            self.put_back(None);
        }
        connected
    }

    fn connect(&self) -> Result<Connection, Fault> {
        let mut client = self.config.connect(NoTls)?;
        client.batch_execute(SESSION)?;
        Ok(Connection { client, statements: HashMap::new() })
    }

    /// Gives a connection back; one that broke is not kept, nor are those that idle beside it, since what broke it broke them.
    fn put_back(&self, connection: Option<Connection>) {
        let mut broken = Vec::new();
        let mut idle = self.idle();
        match connection {
            Some(connection) => idle.connections.push(connection),
            None => {
                idle.open -= 1 + idle.connections.len();
                broken = core::mem::take(&mut idle.connections);
            }
        }
        drop(idle);
        self.freed.notify_all();
        drop(broken);
    }

    fn begin(&self, how: &str, writes: bool) -> Result<Box<dyn Tx + '_>, Fault> {
        let mut tries = 0;
        loop {
            let mut connection = self.take()?;
            let begun = connection.client.batch_execute(how);
            tries += 1;
            match begun {
                Ok(()) => return Ok(Box::new(Open { home: self, connection: Some(connection), writes, failed: false })),
                // Nothing has been asked yet, and a connection that idled may have died long ago: a new one tells.
                Err(error) => {
                    drop(connection);
                    self.put_back(None);
                    if tries == BEGIN_TRIES_MAX {
                        return Err(error.into());
                    }
                }
            }
        }
    }
}

/// A connection says goodbye over its own runtime, which must not happen on a thread that runs another.
impl Drop for Postgres {
    fn drop(&mut self) {
        let connections = core::mem::take(&mut self.idle().connections);
        drop(std::thread::spawn(move || drop(connections)).join());
    }
}

impl Engine for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn write(&self) -> Result<Box<dyn Tx + '_>, Fault> {
        self.begin("BEGIN", true)
    }

    fn read(&self) -> Result<Box<dyn Tx + '_>, Fault> {
        self.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", false)
    }
}

struct Open<'a> {
    home: &'a Postgres,
    connection: Option<Connection>,
    writes: bool,
    failed: bool,
}

impl Open<'_> {
    /// Does something on the connection, and remembers when it failed: PostgreSQL would answer a later commit as if nothing had.
    fn on<T>(&mut self, act: impl FnOnce(&mut Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let connection = self.connection.as_mut().ok_or_else(|| Fault::Damaged("the transaction is over".into()))?;
        if self.failed {
            return Err(Fault::Damaged("the transaction has failed already".into()));
        }
        let done = act(connection);
        self.failed = done.is_err();
        done
    }
}

impl Tx for Open<'_> {
    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, Fault> {
        if !self.writes {
            return Err(Fault::Damaged("a transaction that reads was told to write".into()));
        }
        self.on(|connection| {
            let statement = connection.prepared(sql)?;
            let params = bound(&statement, params)?;
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(AsRef::as_ref).collect();
            Ok(connection.client.execute(&statement, &params)?)
        })
    }

    fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Fault> {
        self.on(|connection| {
            let statement = connection.prepared(sql)?;
            let params = bound(&statement, params)?;
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(AsRef::as_ref).collect();
            connection.client.query(&statement, &params)?.iter().map(row).collect()
        })
    }

    fn insert_many(&mut self, table: &str, columns: &[&str], rows: &[Vec<Value>]) -> Result<(), Fault> {
        let columns = columns.join(", ");
        self.on(|connection| {
            let statement = connection.prepared(&format!("SELECT {columns} FROM {table} LIMIT 0"))?;
            let types: Vec<Type> = statement.columns().iter().map(|column| column.type_().clone()).collect();
            let writer = connection.client.copy_in(&format!("COPY {table} ({columns}) FROM STDIN BINARY"))?;
            let mut writer = BinaryCopyInWriter::new(writer, &types);
            for row in rows {
                let values = row.iter().zip(&types).map(|(value, kind)| param(kind, value)).collect::<Result<Vec<_>, _>>()?;
                let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(AsRef::as_ref).collect();
                writer.write(&values)?;
            }
            writer.finish()?;
            Ok(())
        })
    }

    fn commit(mut self: Box<Self>) -> Result<(), Fault> {
        self.on(|connection| Ok(connection.client.batch_execute("COMMIT")?))?;
        let connection = self.connection.take();
        self.home.put_back(connection);
        Ok(())
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            let well = connection.client.batch_execute("ROLLBACK").is_ok();
            self.home.put_back(well.then_some(connection));
        }
    }
}

impl Connection {
    fn prepared(&mut self, sql: &str) -> Result<Statement, Fault> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        if self.statements.len() >= STATEMENTS_MAX {
            self.statements.clear();
        }
        let statement = self.client.prepare(&own(sql))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// The text as PostgreSQL wants it.
fn own(sql: &str) -> String {
    sql.replace("{FOR UPDATE}", "FOR UPDATE").replace("{BLOB}", "BYTEA")
}

type Bound<'a> = Box<dyn ToSql + Sync + 'a>;

fn bound<'a>(statement: &Statement, params: &'a [Value]) -> Result<Vec<Bound<'a>>, Fault> {
    if statement.params().len() != params.len() {
        return Err(Fault::Damaged(format!("{} values for {} places", params.len(), statement.params().len())));
    }
    statement.params().iter().zip(params).map(|(kind, value)| param(kind, value)).collect()
}

/// A value as the place wants it. Nothing is converted but a number to a smaller one that it fits.
fn param<'a>(kind: &Type, value: &'a Value) -> Result<Bound<'a>, Fault> {
    Ok(match (value, kind) {
        (Value::Null, &Type::INT8) => Box::new(None::<i64>),
        (Value::Null, &Type::INT4) => Box::new(None::<i32>),
        (Value::Null, &Type::BYTEA) => Box::new(None::<&[u8]>),
        (Value::Null, _) => Box::new(None::<&str>),
        (Value::Int(int), &Type::INT4) => {
            Box::new(i32::try_from(*int).map_err(|_| Fault::Damaged(format!("{int} does not fit its place")))?)
        }
        (Value::Int(int), _) => Box::new(*int),
        (Value::Text(text), _) => Box::new(text.as_str()),
        (Value::Bytes(bytes), _) => Box::new(bytes.as_slice()),
    })
}

fn row(row: &postgres::Row) -> Result<Row, Fault> {
    let value = |(place, column): (usize, &postgres::Column)| {
        let value = match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(place)?.map(Value::Int),
            Type::INT4 => row.try_get::<_, Option<i32>>(place)?.map(|int| Value::Int(int.into())),
            Type::BOOL => row.try_get::<_, Option<bool>>(place)?.map(Value::from),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(place)?.map(Value::Bytes),
            Type::TEXT | Type::VARCHAR | Type::NAME => row.try_get::<_, Option<String>>(place)?.map(Value::Text),
            ref other => return Err(Fault::Damaged(format!("column {} is {other}: the text should cast it", column.name()))),
        };
        Ok(value.unwrap_or(Value::Null))
    };
    row.columns().iter().enumerate().map(value).collect::<Result<_, _>>().map(Row)
}

/// Whether trying again may help: nothing is wrong with what was asked.
pub(crate) fn passes(error: &postgres::Error) -> bool {
    let Some(code) = error.code() else { return error.is_closed() || is_of_network(error) };
    let passing = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::QUERY_CANCELED,
    ];
    // 08: the connection; 57P: the server is going away or coming up.
    passing.contains(code) || code.code().starts_with("08") || code.code().starts_with("57P")
}

/// Whether another hub was making the same table in the same moment.
pub(crate) fn made_by_another(error: &postgres::Error) -> bool {
    let states = [SqlState::UNIQUE_VIOLATION, SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_OBJECT, SqlState::INTERNAL_ERROR];
    error.code().is_some_and(|code| states.contains(code))
}

/// An error that the server did not send: no answer, or no connection. A URL or a value that is wrong is neither.
fn is_of_network(error: &postgres::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(one) = cause {
        if one.is::<std::io::Error>() {
            return true;
        }
        cause = one.source();
    }
    error.to_string().contains("timeout")
}

/// What the server said, whole.
pub(crate) fn sentence(error: &postgres::Error) -> String {
    error.as_db_error().map_or_else(
        || std::error::Error::source(error).map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}")),
        |said| format!("{} ({})", said.message(), said.code().code()),
    )
}
