//! What the program says about itself.

/// For `till --help`.
pub const HELP: &str = "\
till: sells on a train, with or without a screen

  till run   --data DIR [--demo] [--config FILE]   the touch screen
  till drive --data DIR [--demo] [--config FILE]   the headless face
  till devices [--config FILE] [--json]            what is attached, and whether the configured devices answer
  till enrol --data DIR --hub URL --token T        tells the till its hub, and the hub its till
  till --help | --version

  --data DIR      where the journal lives; made when it is missing
  --demo          the invented bistro, its trains and its crew, on simulated devices
  --config FILE   TOML: unit; catalogue, timetable, crew, operator (paths); and the devices, each in a section of its own:
                  [printer] [[scanner]] [display] [control] [gps] [power] [hub]; till.example.toml shows every key.
                  A device that is left out, or whose port is \"simulated\", is simulated.

  till run also takes
  --size WxH      the window, such as 800x480 (1280x800)
  --night         begin with the night theme

  till devices also takes
  --json          for programs; the exit code is 1 when a configured device cannot be used
  --set-up-page   prints every code page: the number of the line that reads right is the printer's page_line
  --root DIR      looks for attached things below DIR instead of /

  till enrol takes what `hub token` shows, before or after the first start, and prints a code to compare and confirm on the hub's page
  --hub URL       https://host:port; always spoken to by TLS, and believed by the key that the token names
  --token T       good once
  --token-file F  TOML or JSON with hub, token and, if you like, unit, such as on the card's boot partition; deleted when it is done
  --unit LABEL    the unit's label, where neither configuration nor log has one
  --json          for programs; the exit code is 1 when the till is not enrolled, and nothing has changed

DRIVE
  One command per line on standard input, one JSON object per line on standard output:
    {\"ok\":{...}}       done; what was committed is committed before it is said
    {\"refused\":{...}}  the rules say no: code, says, safe, do. Nothing has changed.
    {\"fault\":{...}}    the world failed: code, says, safe, do, detail
  Empty lines and lines that begin with # are passed over. Amounts are decimals (49.00), days YYYY-MM-DD.

  sign-in CREW PIN          sign-out
  start-trip TRAIN DATE     end-trip
  open-shift FLOAT
  add SKU [QTY]             scan CODE: a barcode, or the code of a receipt
  void-line N               set-qty N QTY
  serve on|off              serve-line N on|off
  park                      resume N
  abandon
  pay cash AMOUNT           pay card AMOUNT
  card-status               ask the terminal again what became of a payment
  card-settle paid|not-paid what the silent terminal's own display says
  control-status            ask the control unit again about the receipt that waits
  control-give-up           give that receipt up; no card may have paid
  void-tender N             give the Nth tender back, if it was cash
  void RECEIPT_NO           refund RECEIPT_NO [LINE QTY]
  copy RECEIPT_NO           the one copy that the law allows
  cash-drop AMOUNT          paid-in AMOUNT            paid-out AMOUNT
  no-sale                   opens the drawer
  x                         z COUNTED
  training on|off
  sale                      the open sale
  products                  status
  receipts [BEFORE]         at most 1000, newest first, or those before a number
  journal [FROM]            at most 1000 entries from FROM on
  verify                    recompute chain and projections
  receipt RECEIPT_NO        its text as printed
  paper JOB yes|no          the crew's answer to: did the whole receipt come out?
  sync                      one round to the hub now: what was sent, and how far the hub is
  hub                       which hub, and how the till stands with it
  time RFC3339              set the simulated clock
  devices                   every device: where it is, how it is
  test DEVICE               printer, drawer, terminal, display, scanner, control; what is scanned in a test is not sold
  install-bundle FILE       a signed bundle: prices, staff, or the next root
  evidence                  saves versions, devices and the last events of every line below the data folder
  device printer  ok|paper-out|cover-open|cutter-stuck|slow|deaf|unplugged
                  power-off|cable-out|paper-near-end|drawer-stuck
  device terminal ok|approve-offline|decline|silent|silent-after-approval|unplugged
  device control  ok|silent|garbled|busy|storage-full|storage-low|not-enrolled|power-fail|lost-answer|refused|fatal|unplugged
  device drawer   ok|unplugged
  device display  ok|unplugged
  device gps      ok|unplugged
  device supply   ok|failing|unplugged
  device uplink   ok|away|captive|silent|garbled
  device scanner  ok|unplugged|garbage|double|dribbling
  hold-up CODE              in front of the simulated scanner; what comes of it is a line of its own:
    {\"event\":\"scan\",\"text\":CODE,\"ok\":{...}} or \"refused\", \"fault\" instead of \"ok\"
  fix LAT LON KMH [RFC3339] a fix of the simulated receiver: decimal degrees, its own time or the till's

DEMO DATA
  crew   101 PIN 1101, 102 PIN 1202, 103 PIN 1303, lead 900 PIN 909090
  trains 171 and 172 Stockholm-Göteborg, 391 Oslo-Köpenhamn, 392 Köpenhamn-Oslo, 95 by night
  float  1000.00
  try    sign-in 101 1101 / start-trip 171 2026-10-05 / open-shift 1000.00 / add 1001 / pay cash 50.00
";
