//! The texts of sales, trips, receipts, Z reports and findings.

use hub_store::views::{By, FindingKind};

super::words! {
    /// Texts about what was sold.
    ReportWords {
        sales: "Försäljning", "Sales";
        trips: "Turer", "Trips";
        receipts: "Kvitton", "Receipts";
        zs: "Z-rapporter", "Z reports";
        findings: "Avvikelser", "Findings";
        from: "Från", "From";
        to: "Till och med", "To";
        train: "Tåg", "Train";
        unit: "Kassa", "Till";
        payment: "Betalning", "Payment";
        all: "Alla", "All";
        show: "Visa", "Show";
        csv: "Hämta CSV", "Download CSV";
        by: "Fördelat på", "Broken down by";
        by_day: "Dag", "Day";
        by_trip: "Tur", "Trip";
        by_leg: "Sträcka", "Leg";
        by_product: "Vara", "Product";
        by_category: "Varugrupp", "Category";
        by_crew: "Personal", "Crew";
        by_depot: "Depå", "Depot";
        by_vat: "Moms", "VAT";
        cash: "Kontant", "Cash";
        card: "Kort", "Card";
        mixed: "Kontant och kort", "Cash and card";
        none_paid: "Inget att betala", "Nothing to pay";
        count_sales: "Köp", "Sales";
        count_returns: "Returer", "Returns";
        pieces: "Antal", "Pieces";
        gross: "Belopp inkl. moms", "Amount incl. VAT";
        vat: "Varav moms", "Of which VAT";
        net: "Exkl. moms", "Excl. VAT";
        share: "Andel", "Share";
        sum: "Summa", "Total";
        sum_hint: "Returer är avdragna. Övning räknas aldrig.", "Returns are taken off. Practice never counts.";
        quarantine: "I karantän, inte medräknat: {count} köp och returer på sidogrenar, {sum}.",
            "In quarantine, not counted: {count} sales and returns on branches, {sum}.";
        quarantine_link: "Visa avvikelser", "Show findings";
        chart: "Belopp per dag", "Amount per day";
        cut_list: "Listan är avkortad vid {n} rader. Välj en kortare period.", "The list is cut at {n} rows. Choose a shorter period.";
        none_at_all: "Navet har inte fått någon försäljning ännu. Skriv in en kassa under Flottan; efter nästa synkning står den här.",
            "The hub has no sales yet. Enrol a till under Fleet; after its next sync they stand here.";
        none_found: "Inget passar. Ändra perioden eller ta bort ett filter.", "Nothing matches. Change the period or take a filter away.";
        outside: "Utanför tur", "Outside any trip";
        no_leg: "Utanför sträcka", "On no leg";
        unnamed: "Utan namn", "Unnamed";
        day_wrong: "Datumet går inte att läsa.", "The date cannot be read.";
        day_todo: "Skriv det som 2026-06-15.", "Write it like 2026-06-15.";
        period_wrong: "Perioden är längre än två år.", "The period is longer than two years.";
        period_todo: "Välj högst {n} dagar.", "Choose at most {n} days.";
        amount_wrong: "Beloppet går inte att läsa.", "The amount cannot be read.";
        amount_todo: "Skriv det som 94,50.", "Write it like 94.50.";
        number_wrong: "Kvittonumret går inte att läsa.", "The receipt number cannot be read.";
        number_todo: "Skriv siffrorna som på kvittot: 118, eller 0142-3 118.", "Write the digits as on the receipt: 118, or 0142-3 118.";
        qr_wrong: "Detta är inte texten i ett kvittos QR-kod.", "This is not the text of a receipt's QR code.";
        qr_todo: "Texten börjar med TROLLEY1: – klistra in hela.", "The text begins with TROLLEY1: – paste all of it.";

        day: "Dag", "Day";
        started: "Började", "Started";
        ended: "Slutade", "Ended";
        running: "pågår", "running";
        ledger: "Tåg {train}, {day}", "Train {train}, {day}";
        ledger_cut: "Bara de första {n} köpen visas; summorna gäller alla.", "Only the first {n} sales are shown; the sums hold all of them.";
        legs: "Sträckor", "Legs";
        tills_on: "Kassor på tåget", "Tills on the train";
        late: "kom sent", "arrived late";
        late_n: "{n} kom sent", "{n} arrived late";
        arrived: "Till navet", "At the hub";
        time: "Tid", "Time";
        receipt: "Kvitto", "Receipt";
        crew: "Personal", "Crew";
        amount: "Belopp", "Amount";
        show_sales: "Visa {n} köp", "Show {n} sales";
        no_sales: "Inga köp.", "No sales.";

        find: "Sök", "Search";
        register: "Kassabeteckning", "Register";
        register_hint: "På kvittot, som 0142-3. Kan utelämnas.", "On the receipt, like 0142-3. May be left out.";
        number: "Kvittonummer", "Receipt number";
        by_number: "Nummer", "Number";
        by_qr: "QR-kod", "QR code";
        qr: "QR-kodens text", "Text of the QR code";
        qr_hint: "Läs koden med telefonen eller en skanner.", "Read the code with a phone or a scanner.";
        by_amount: "Belopp och dag", "Amount and day";
        receipts_hint: "Sök på numret, på texten i QR-koden eller på beloppet. Övning och karantän är med och märkta.",
            "Search by number, by the text of the QR code, or by the amount. Practice and quarantine are among them, marked.";
        receipts_none: "Inget kvitto passar. Har kassan synkat? Ej skickat står under Flottan.",
            "No receipt matches. Has the till synced? What is unsent stands under Fleet.";
        kind: "Slag", "Kind";
        kind_sale: "Köp", "Sale";
        kind_refund: "Retur", "Refund";
        kind_void: "Makulering", "Void";
        training: "övning", "practice";
        branch: "sidogren {n}", "branch {n}";
        as_printed: "Som det trycktes", "As it was printed";
        as_printed_hint: "Ritat av kassans egen kod ur journalposten. QR-koden kan bara kassan skriva under, så den och hash-raden saknas här.",
            "Drawn by the till's own code from the journal entry. The QR code can be signed only by the till, so it and the hash line are missing here.";
        operator_unknown: "Företagets namn och adress finns inte i navet, så de saknas i bilden.",
            "The company's name and address are not on the hub, so they are missing in the picture.";
        crew_unknown: "Personalens nummer står där kvittot har namnet.", "The crew member's number stands where the receipt has the name.";
        as_text: "Som text", "As text";
        picture_of: "Kvitto {no} från {register}", "Receipt {no} of {register}";
        facts: "Vad navet vet", "What the hub knows";
        entry: "Journalpost", "Journal entry";
        head: "Journalens hash", "Journal hash";
        head_hint: "Samma åtta tecken står på papperet.", "The same eight characters stand on the paper.";
        log: "Logg", "Log";
        program: "Program", "Program";
        not_proven: "klockan var inte säker", "the clock was not proven";
        corrects: "Tar tillbaka kvitto", "Takes back receipt";
        taken_back: "Återtaget genom", "Taken back by";
        doubles: "Samma nummer igen", "The same number again";
        leg: "Sträcka", "Leg";

        z: "Z-rapport {no}, {register}", "Z report {no}, {register}";
        shift: "Arbetspass", "Shift";
        closed_by: "Stängt av", "Closed by";
        counted: "Räknat", "Counted";
        expected: "Förväntat", "Expected";
        variance: "Differens", "Variance";
        fits: "stämmer", "fits";
        differs_receipts: "annat än kvittona", "differs from receipts";
        only_differing: "Bara med differens", "Only with a variance";
        zs_none: "Inga Z-rapporter i perioden. De kommer när personalen stänger passet och kassan har synkat.",
            "No Z reports in this period. They come when crew close the shift and the till has synced.";
        z_receipts_fit: "Rapporten och kvittona i navet säger samma sak: {count} kvitton, {sum}.",
            "The report and the receipts at the hub say the same: {count} receipts, {sum}.";
        z_receipts_differ: "Rapporten säger {count} kvitton och {sum}; navet har {hub_count} och {hub_sum}.",
            "The report says {count} receipts and {sum}; the hub has {hub_count} and {hub_sum}.";
        z_lines: "Varje rad bakom lådan", "Every line behind the drawer";
        z_line_float: "Växelkassa", "Opening float";
        z_line_drop: "Till kassaskåp", "Cash drop";
        z_line_in: "Insättning", "Paid in";
        z_line_out: "Uttag", "Paid out";
        z_running: "I lådan", "In the drawer";
        z_figures: "Rapportens siffror", "The report's figures";
        z_sales: "Försäljning", "Sales";
        z_refunds: "Returer", "Refunds";
        z_voids: "Makuleringar", "Voids";
        z_net: "Netto", "Net";
        z_rounding: "Öresavrundning", "Rounding";
        z_copies: "Kvittokopior", "Receipt copies";
        z_training: "Övning", "Practice";
        z_openings: "Lådöppningar", "Drawer openings";
        z_no_sales: "Lådöppningar utan köp", "Openings without a sale";
        z_burned: "Förbrukade nummer", "Burned numbers";
        z_discounts: "Rabatter", "Discounts";
        z_voided: "Borttagna rader", "Voided lines";
        z_abandoned: "Avbrutna köp", "Abandoned sales";
        z_parked: "Parkerade köp", "Parked sales";
        z_grand_sales: "Total försäljning", "Grand total of sales";
        z_grand_returns: "Totala returer", "Grand total of returns";
        z_grand_net: "Totalt netto", "Grand total net";
        pieces_n: "{n} st", "{n} pcs";

        findings_none: "Inget avviker: nummer i rad, returer inom det sålda, Z-rapporter lika med kvittona.",
            "Nothing deviates: numbers in a row, refunds within what was sold, Z reports equal to receipts.";
        findings_lead: "Det som inte går ihop, allvarligast först. Navet ändrar aldrig en siffra; det som ska rättas rättas i bokföringen.",
            "What does not add up, the gravest first. The hub never changes a figure; what is wrong is corrected in the books.";
        finding_refund: "Mer återtaget än sålt", "More taken back than sold";
        finding_refund_todo: "Jämför kvittona. På en sidogren är det en klonad kassa.", "Compare the receipts. On a branch it is a cloned till.";
        finding_refund_what: "Kvitto {no}: sålt {other}, återtaget {minor}", "Receipt {no}: sold {other}, taken back {minor}";
        finding_doubled: "Kvittonummer två gånger", "Receipt number twice";
        finding_doubled_todo: "Två kassor har haft samma nyckel. Se vilket kvitto kunden har.", "Two tills had one key. See which receipt the customer holds.";
        finding_doubled_what: "Kvitto {no} finns {minor} gånger", "Receipt {no} stands there {minor} times";
        finding_register: "Två loggar med samma kassabeteckning", "Two logs with one register designation";
        finding_register_todo: "Låt den ena kassan skicka allt, ge den ett nytt kort och skriv in den: då får den en egen beteckning.", "Let one till send everything, then give it a fresh card and enrol it: it gets a designation of its own.";
        finding_register_what: "{minor} loggar skriver {register} på sina kvitton", "{minor} logs print {register} on their receipts";
        finding_fork: "Loggen är kluven", "The log is forked";
        finding_fork_todo: "Sidogrenen räknas inte. Ta reda på vilken av de två som är den rätta.", "The branch is not counted. Find out which of the two is the right one.";
        finding_fork_what: "{minor} köp och returer på sidogrenen", "{minor} sales and returns on the branch";
        finding_z: "Z-rapport annan än kvittona", "Z report differs from receipts";
        finding_z_todo: "Öppna rapporten och se raderna.", "Open the report and see its lines.";
        finding_z_what: "Z {no}: rapporten {minor}, kvittona {other}", "Z {no}: the report {minor}, the receipts {other}";
        finding_gap: "Nummer saknas", "Numbers are missing";
        finding_gap_todo: "Se om en post inte gick att läsa (nedan).", "See whether an entry could not be read (below).";
        finding_gap_what: "{minor} nummer från {no}", "{minor} numbers from {no}";
        finding: "Avvikelse", "Finding";
        what: "Vad", "What";
        shelved: "Lagda åt sidan", "Shelved";
        shelved_lead: "Poster som navet inte förstår, ofta från nyare kassor. De sparas oförändrade och hindrar inget annat.",
            "Entries that the hub does not understand, often from newer tills. They are kept as they are and stop nothing else.";
        why: "Varför", "Why";
        why_unknown: "Slag {n}, okänt för navet", "Kind {n}, unknown to the hub";
        stock: "Lagersvinn visas inte ännu: kassorna för inget lager i denna version.", "Stock variance is not shown yet: tills keep no stock in this version.";
    }
}

impl ReportWords {
    /// The name of a way to add up.
    pub(crate) const fn by(&self, by: By) -> &'static str {
        match by {
            By::Day => self.by_day,
            By::Train => self.train,
            By::Trip => self.by_trip,
            By::Leg => self.by_leg,
            By::Product => self.by_product,
            By::Category => self.by_category,
            By::Crew => self.by_crew,
            By::Payment => self.payment,
            By::Unit => self.unit,
            By::Depot => self.by_depot,
            By::Vat => self.by_vat,
        }
    }

    /// The name of a way to pay.
    pub(crate) fn paid(&self, payment: &str) -> &'static str {
        match payment {
            "cash" => self.cash,
            "card" => self.card,
            "mixed" => self.mixed,
            _ => self.none_paid,
        }
    }

    /// The name of a kind of sale.
    pub(crate) fn kind_word(&self, kind: &str) -> &'static str {
        match kind {
            "refund" => self.kind_refund,
            "void" => self.kind_void,
            _ => self.kind_sale,
        }
    }

    /// What was found, in one line to fill, and what to do.
    pub(crate) const fn found(&self, kind: FindingKind) -> [&'static str; 3] {
        match kind {
            FindingKind::RefundExceeds => [self.finding_refund, self.finding_refund_what, self.finding_refund_todo],
            FindingKind::ReceiptDoubled => [self.finding_doubled, self.finding_doubled_what, self.finding_doubled_todo],
            FindingKind::RegisterDoubled => [self.finding_register, self.finding_register_what, self.finding_register_todo],
            FindingKind::Forked => [self.finding_fork, self.finding_fork_what, self.finding_fork_todo],
            FindingKind::ZDiffers => [self.finding_z, self.finding_z_what, self.finding_z_todo],
            FindingKind::ReceiptGap => [self.finding_gap, self.finding_gap_what, self.finding_gap_todo],
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_languages_say_everything_about_sales() {
        crate::web::words::check(super::ReportWords::ALL);
    }
}
