//! The texts of bundles and drafts.

super::words! {
    /// Texts about signed bundles and the drafts that they are made of.
    BundleWords {
        title: "Paket", "Bundles";
        lead: "Det kassorna säljer efter kommer i signerade paket. Navet delar ut dem och har ingen nyckel: signera med depåverktyget på en dator utan nät.",
            "What tills sell by comes in signed bundles. The hub hands them out and has no key: sign with the depot tool on a machine without a network.";
        no_root: "Navet har ingen rot och kan inte bedöma signaturer. Ta den publika roten till navets konsol: hub root FIL.",
            "The hub has no root and cannot judge signatures. Bring the public root to the hub's console: hub root FILE.";
        role_root: "Rot", "Root";
        role_prices: "Priser", "Prices";
        role_staff: "Personal", "Staff";
        role: "Sort", "Kind";
        version: "Version", "Version";
        made: "Gjord", "Made";
        stale: "Varnar från", "Warns from";
        is_stale: "har passerat sitt datum", "is past its date";
        uploaded: "Uppladdad", "Uploaded";
        held: "Kassor som har den", "Tills that hold it";
        units_all: "alla kassor", "all tills";
        units_some: "bara {units}", "only {units}";
        none: "Inget paket har laddats upp.", "No bundle has been uploaded.";
        holding: "Vem har vad", "Who holds what";
        holds_none: "inget paket", "no bundle";
        upload: "Ladda upp ett signerat paket", "Upload a signed bundle";
        upload_lead: "Filen från depåverktyget, oförändrad. Navet kontrollerar signaturerna som en kassa gör.",
            "The file from the depot tool, unchanged. The hub checks the signatures as a till does.";
        code_hint: "Sex siffror från appen på din telefon.", "Six digits from the app on your phone.";
        file: "Fil", "File";
        send: "Skicka", "Send";
        draft: "Utkast", "Draft";
        draft_open: "Öppna utkastet", "Open the draft";
        draft_same: "Utkastet är lika med det publicerade.", "The draft equals what is published.";
        draft_changes: "Ändringar mot det publicerade", "Changes against what is published";
        draft_first: "Inget är publicerat ännu.", "Nothing is published yet.";
        export: "Hämta utkastet för signering", "Download the draft for signing";
        export_hint: "Signera: depot sign UTKAST --root ROT --previous PUBLICERAD --key NYCKEL --out PAKET (det allra första: --first i stället för --previous)",
            "Sign: depot sign DRAFT --root ROOT --previous PUBLISHED --key KEY --out BUNDLE (the very first: --first instead of --previous)";
        csv_out: "Hämta som CSV", "Download as CSV";
        csv_in: "Läs in CSV", "Import CSV";
        csv_hint: "Rader som filen inte nämner lämnas i fred. En tom cell ändrar inget. Är en cell fel ändras ingenting alls.",
            "Rows that the file does not name stay as they are. An empty cell changes nothing. With one bad cell nothing is changed at all.";
        csv_bad: "Filen togs inte emot", "The file was not taken";
        csv_bad_lead: "{n} celler är fel. Inget har ändrats.", "{n} cells are wrong. Nothing has changed.";
        line: "Rad", "Line";
        column: "Kolumn", "Column";
        what: "Vad som är fel", "What is wrong";
        todo: "Gör så här", "What to do";
        files: "Filer", "Files";
        files_hint: "Tidtabell, moms och operatör ändras som filer: hämta, ändra, skicka tillbaka. Fel rad pekas ut.",
            "Timetable, VAT and operator are changed as files: download, change, send back. A bad row is pointed out.";
        vat_none: "Den inbyggda momstabellen gäller. Hämta den som fil för att börja.", "The built-in VAT table holds. Download it as a file to begin.";
        history: "Historik", "History";
        history_none: "Ingen har ändrat utkastet.", "Nobody has changed the draft.";
        sku: "Artikelnummer", "SKU";
        name_sv: "Namn på svenska", "Swedish name";
        name_en: "Namn på engelska", "English name";
        category: "Kategori", "Category";
        kind: "Typ", "Kind";
        vat_class: "Momsklass", "VAT class";
        supply: "Servering", "Supply";
        price: "Pris", "Price";
        prices: "Priser", "Prices";
        from: "Gäller från", "From";
        gtin: "Streckkod", "Barcode";
        deposit: "Pant", "Deposit";
        age_limit: "Åldersgräns", "Age limit";
        favourite: "Favorit", "Favourite";
        sold_out: "Slutsåld", "Sold out";
        yes: "ja", "yes";
        new_product: "Ny artikel", "New product";
        new_price: "Nytt pris", "New price";
        price_hint: "Skriv priset som 32,00 och första dagen som 2026-04-01. Lämna tomt för att inte ändra.",
            "Write the price like 32.00 and the first day like 2026-04-01. Leave empty to change nothing.";
        remove: "Ta bort ur utkastet", "Take out of the draft";
        new_person: "Ny person", "New person";
        crew_no: "Nummer", "Number";
        name: "Namn", "Name";
        initials: "Initialer", "Initials";
        work: "Roll", "Role";
        language: "Språk", "Language";
        pin: "Ny PIN", "New PIN";
        pin_hint: "4 till 12 siffror, för en ansvarig minst 6. Den kan inte läsas tillbaka.",
            "4 to 12 digits, for a manager at least 6. It cannot be read back.";
    }
}

impl BundleWords {
    /// A role's word.
    pub(crate) fn role_word(&self, role: &str) -> String {
        match role {
            "root" => self.role_root,
            "prices" => self.role_prices,
            "staff" => self.role_staff,
            other => other,
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_languages_say_everything_about_bundles() {
        super::super::check(super::BundleWords::ALL);
    }
}
