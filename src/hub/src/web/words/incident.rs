//! The texts of incidents, accounts' list and the audit log.

use hub_store::incidents::Step;

super::words! {
    /// Texts about incidents.
    IncidentWords {
        title: "Incidenter", "Incidents";
        lead: "När kassor måste göras om: märk dem, gör nya kort, följ varje kassa tills ingen är kvar. Navet ser själv nya loggar, köp och bekräftade nycklar.",
            "When tills must be made anew: mark them, make new cards, follow each till until none is left. The hub itself sees new logs, sales and confirmed keys.";
        none: "Ingen incident har öppnats.", "No incident has been opened.";
        open_new: "Öppna en incident", "Open an incident";
        name: "Vad har hänt", "What happened";
        note: "Vad ska göras", "What is to be done";
        which: "Berörda kassor", "Affected tills";
        which_all: "Hela flottan ({n})", "The whole fleet ({n})";
        which_bad: "De som står under Åtgärda ({n})", "Those that are bad ({n})";
        which_some: "Bara dessa", "Only these";
        which_hint: "Märkningar med mellanslag eller radbrytning emellan.", "Labels with spaces or line breaks between.";
        open: "Öppna incidenten", "Open the incident";
        opened: "Öppnad", "Opened";
        closed: "Avslutad", "Closed";
        ongoing: "Pågår", "Going on";
        left: "Kvar", "Left";
        affected: "Berörda", "Affected";
        reimaged: "Nytt kort", "Re-imaged";
        tested: "Självtestade", "Self-tested";
        done: "Klara", "Done";
        aside: "Åsido", "Set aside";
        sum: "Märkta", "Marked";
        rate: "Takt", "Rate";
        rate_per_hour: "{n} klara i timmen", "{n} done per hour";
        rate_none: "ingen klar de senaste två timmarna", "none done in the last two hours";
        forecast: "Inga kvar ungefär", "None left at about";
        forecast_none: "går inte att säga ännu", "cannot be told yet";
        unknown_units: "Inga kassor i flottan heter: {labels}.", "No tills of the fleet are named: {labels}.";
        unknown_units_todo: "Gå tillbaka och rätta märkningarna. Inget har ändrats.", "Go back and correct the labels. Nothing has changed.";
        forecast_done: "ingen är kvar", "none is left";
        unit: "Kassa", "Till";
        step: "Läge", "Step";
        since: "Sedan", "Since";
        steps: "Steg", "Steps";
        why: "Skäl", "Reason";
        set_aside: "Ställ åt sidan", "Set aside";
        take_back: "Ta tillbaka", "Take back";
        mark_more: "Märk fler kassor", "Mark more tills";
        mark: "Märk", "Mark";
        close: "Avsluta incidenten", "Close the incident";
        close_hint: "Går när ingen kassa är kvar.", "Possible when no till is left.";
        evidence: "Underlag", "Evidence";
        evidence_lead: "Alla steg med tid, person och logg, och en kontrollsumma.", "All steps with time, person and log, and a checksum.";
        who_what: "Vem gjorde vad", "Who did what";
        filter_all: "Alla", "All";
        shown_of: "{n} av {all} visas", "{n} of {all} shown";
        by: "av {who}", "by {who}";
        accounts: "Konton", "Accounts";
        accounts_lead: "Var och en har ett eget konto med lösenord och engångskod.", "Everybody has an account of their own with password and one-time code.";
        login: "Användarnamn", "User name";
        person: "Namn", "Name";
        role: "Roll", "Role";
        state: "Läge", "State";
        active: "Öppet", "Open";
        shut: "Stängt", "Shut";
        shut_do: "Stäng", "Shut";
        open_do: "Öppna igen", "Open again";
        made: "Skapat", "Made";
        invite: "Bjud in", "Invite";
        invite_lead: "Inbjudan ger en kod som gäller en gång, i sju dagar. Lämna den personligen.",
            "The invitation gives a code that is good once, for seven days. Hand it over in person.";
        invite_code: "Kod för {name}", "Code for {name}";
        invite_once: "Den visas bara nu. Den som är inbjuden öppnar sidan /welcome på det här navet.",
            "It is shown now only. Whoever is invited opens the page /welcome on this hub.";
        rights_hint: "Läsare ser allt utom konton. Depå sköter kassor och incidenter. Kontor skriver utkast till priser och personal. Administratör får allt, även ladda upp paket.",
            "Viewers see all but accounts. Depot looks after tills and incidents. Office writes drafts of prices and staff. Administrators may do all, uploading bundles among it.";
        code_hint: "Krävs igen: koden i telefonens app.", "Needed again: the code in your phone's app.";
        audit: "Vem gjorde vad", "Who did what";
        audit_lead: "Rader läggs till och ändras aldrig. Varje rad är bunden till den före.", "Rows are added and never changed. Each row is bound to the one before.";
        audit_whole: "Kedjan är hel.", "The chain is whole.";
        audit_broken: "Kedjan är bruten vid rad {n}. Någon har ändrat i databasen.", "The chain is broken at row {n}. Somebody has changed the database.";
        when: "När", "When";
        who: "Vem", "Who";
        what: "Vad", "What";
        about: "Om", "About";
        details: "Mer", "More";
        older: "Äldre", "Older";
    }
}

impl IncidentWords {
    /// A step's word.
    pub(crate) const fn step_word(&self, step: Step) -> &'static str {
        match step {
            Step::Affected => self.affected,
            Step::Reimaged => self.reimaged,
            Step::Tested => self.tested,
            Step::Done => self.done,
            Step::Aside => self.aside,
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_languages_say_everything_about_incidents() {
        super::super::check(super::IncidentWords::ALL);
    }
}
