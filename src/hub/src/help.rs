//! What the program says about itself.

/// For `hub --help`.
pub const HELP: &str = "\
hub: takes in what tills have sold, shows the fleet, hands out signed bundles

  hub serve                    be the hub, until SIGTERM
    --listen ADDR:PORT           where (127.0.0.1:8443); tills and browsers use the same port
  hub token --unit LABEL       a one-time token that lets a till in, on standard output; good for 14 days
  hub api-token --name NAME    a token for a program that reads the JSON API, on standard output; shown once
    --forget                     make the token of that name worthless instead
  hub api-token --list         their names
  hub first-account            a one-time code with which the first account is made on the page
    --login NAME                 one with which NAME, who lost password or phone, sets both anew on the page /welcome
  hub root [FILE]              the public root that signed bundles are judged by; which one there is
  hub webhook --url URL        post every alert there; http:// only, see below
  hub webhook --off            no longer
  hub rebuild                  make everything that pages show anew from what tills sent
  hub backup FILE              the whole database into FILE, while the hub runs; keep it as safe as the hub: its TLS key is in it
  hub restore FILE             the database from FILE; stop the hub first
    --replace                    also over a database that holds something
  hub loadgen --data DIR       a fleet that is not there against a hub of its own in a new DIR, and figures beside their floors
    --tills N --sales N          so many tills, each with so many sales (100, 500)
    --batch N --lines N          sales of a batch, tills at a time (200, 16)
    --rate N                     sales in a second; without it as many as can be
  hub --help | --version

  Every word takes
  --data DIR      the hub's folder (hub-data): database, key and certificate
  --postgres URL  the database is PostgreSQL; HUB_POSTGRES in the environment does the same and shows in no list of processes

  Only serve, restore and a token for a folder that is named begin a hub; every other word wants one that is there. Words but restore can be used while the hub runs. The exit code is 0 when it is done, 1 when not, 2 when the words are not understood.

TILLS AND BROWSERS
  A connection that begins with TLS is TLS 1.3. The certificate is the hub's own, made at the first start; tills know it by the token.
  Plain HTTP is answered only to this machine: curl http://127.0.0.1:PORT/health, or a reverse proxy with a certificate that browsers know.
  GET /health and GET /metrics (Prometheus) ask for no account. GET /api/v1/openapi.json describes the JSON API.

SEVERAL HUBS
  On one PostgreSQL they are one hub to a till: they share database and key. Put any TCP balancer in front.

WEBHOOK
  Alerts are posted as JSON: {\"code\", \"unit\", \"log\", \"at\", \"details\"}. The hub speaks http:// alone; have a relay on this machine where https is needed.
";
