//! What the program says about itself.

/// For `till --help`.
pub const HELP: &str = "\
till: sells on a train, with or without a screen

  till run   --data DIR [--demo] [--config FILE]   the touch screen
  till drive --data DIR [--demo] [--config FILE]   the headless face
  till --help | --version

  --data DIR      where the journal lives; made when it is missing
  --demo          the invented bistro, its trains and its crew, on simulated devices
  --config FILE   TOML: unit, catalogue, timetable, crew, operator (paths), [printer] port, baud, flow, profile,
                  [power] supply {chip, line, active_low}, watchdog, backlight, rtc (paths), dim_after_s

  till run also takes
  --size WxH      the window, such as 800x480 (1280x800)
  --night         begin with the night theme

DRIVE
  One command per line on standard input, one JSON object per line on standard output:
    {\"ok\":{...}}       done; what was committed is committed before it is said
    {\"refused\":{...}}  the rules say no: code, says, safe, do. Nothing has changed.
    {\"fault\":{...}}    the world failed: code, says, safe, do, detail
  Empty lines and lines that begin with # are passed over. Amounts are decimals (49.00), days YYYY-MM-DD.

  sign-in CREW PIN          sign-out
  start-trip TRAIN DATE     end-trip
  open-shift FLOAT
  add SKU [QTY]             scan GTIN
  void-line N               set-qty N QTY
  serve on|off              serve-line N on|off
  park                      resume N
  abandon
  pay cash AMOUNT           pay card AMOUNT
  card-status               ask the terminal again what became of a payment
  card-settle paid|not-paid what the silent terminal's own display says
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
  time RFC3339              set the simulated clock
  device printer  ok|paper-out|cover-open|cutter-stuck|slow|deaf|unplugged
  device terminal ok|approve-offline|decline|silent|silent-after-approval|unplugged
  device drawer   ok|unplugged
  device display  ok|unplugged
  device position ok|unplugged
  device supply   ok|failing
  fix LAT LON KMH [RFC3339] a fix of the simulated receiver: decimal degrees, its own time or the till's

DEMO DATA
  crew   101 PIN 1101, 102 PIN 1202, 103 PIN 1303, lead 900 PIN 909090
  trains 171 and 172 Stockholm-Göteborg, 391 Oslo-Köpenhamn, 392 Köpenhamn-Oslo, 95 by night
  float  1000.00
  try    sign-in 101 1101 / start-trip 171 2026-10-05 / open-shift 1000.00 / add 1001 / pay cash 50.00
";
