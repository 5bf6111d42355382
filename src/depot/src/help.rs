//! What the program says about itself.

/// For `depot --help`.
pub const HELP: &str = "\
depot: keys, roots and signatures, on a machine without a network

  depot keygen --out DIR --name NAME           a key: NAME.key stays with its holder, NAME.pub goes into the root
  depot root init --operator NAME --root A.pub --root B.pub --root C.pub
                  --prices A.pub --prices B.pub --staff A.pub --staff B.pub --out ROOT
                                               who may sign what; root and image need 2 signatures, prices and staff 1
  depot root add ROLE=KEY.pub FILE             one more key, while nobody has signed it
  depot root rotate ROOT [--add ROLE=KEY.pub] [--remove ROLE=KEY.pub] [--restart ROLE] --out NEXT
                                               the next root; sign it with keys of both: depot root sign NEXT --root ROOT
  depot root sign FILE --key KEY               a signature under a root
  depot draft --role prices FOLDER --root ROOT --previous PUBLISHED|--first --out FILE
                                               a bundle of catalogue.json, timetable.json, operator.json, vat.json;
                                               for --role staff of crew.json. The hub exports the same as a draft
  depot sign FILE|FOLDER --key KEY --root ROOT --previous PUBLISHED|--first [--out FILE]
                                               shows what changes, asks, signs; a second person does the same
  depot inspect FILE [--root ROOT] [--previous PUBLISHED] [--json]
  depot verify FILE --root ROOT [--unit UNIT]  as a till does
  depot unpack FILE --out FOLDER               the files of a bundle, to begin the next one with
  depot drill [--units N] [--people N] [--readers N] [--open N] [--times FILE]
                                               how long it takes to bring a fleet back, from measured times (JSON)
  depot --help | --version

  --previous FILE     the bundle that tills have now; signatures that the root no longer knows are no hindrance, and are told
  --first             there is none yet: what is in it is shown, not what changes
  --unit UNIT         the bundle is for this unit only; may stand several times
  --valid-days N      after so many days tills warn that it is old; they never stop (bundles 90, roots 1825)
  --version-number N  the version of a staff list; otherwise the one after --previous
  --threshold ROLE=N  how many signatures a role needs
  --restart ROLE      bundles from before this root do not count any more, and versions begin anew (after a key was stolen)
  --large-change      more than 50 % on a price, or more than half of the products gone: the root's keys sign as well
  --add               with sign: FILE is a bundle that somebody has signed already
  --yes               do not ask
  --passphrase-file FILE, --no-passphrase

  A key file is protected by a passphrase, unless it was made with --no-passphrase: then whoever has the stick has the key.
";
