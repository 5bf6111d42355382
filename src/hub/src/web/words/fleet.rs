//! The texts of fleet, units, alerts and enrolment.

use hub_store::fleet::{Reason, UnitState, alert_code};

super::words! {
    /// Texts about the fleet.
    FleetWords {
        title: "Flottan", "Fleet";
        good: "Bra", "Good";
        bad: "Åtgärda", "Bad";
        not_heard: "Hörs inte", "Not heard from";
        sum: "Hela flottan", "Whole fleet";
        search: "Sök", "Search";
        search_hint: "Kassa, depå, plats", "Till, depot, place";
        state: "Läge", "State";
        all: "Alla", "All";
        show: "Visa", "Show";
        unit: "Kassa", "Till";
        heard: "Hördes senast", "Last heard";
        place: "Var", "Where";
        unsent: "Ej skickat", "Unsent";
        unsent_sales: "{n} köp", "{n} sales";
        unsent_since: "äldst {ago}", "oldest {ago}";
        unsent_none: "inget", "none";
        unsent_unknown: "okänt", "unknown";
        versions: "Versioner", "Versions";
        clock: "Klocka", "Clock";
        clock_right: "rätt", "right";
        clock_ahead: "{n} före", "{n} ahead";
        clock_late: "{n} efter", "{n} behind";
        seconds: "{n} s", "{n} s";
        minutes: "{n} min", "{n} min";
        hours: "{n} h", "{n} h";
        days: "{n} dygn", "{n} days";
        image: "Avbild", "Image";
        none_match: "Ingen kassa passar sökningen.", "No till matches the search.";
        empty: "Flottan är tom. Skriv in en kassa först.", "The fleet is empty. Enrol a till first.";
        earlier: "Föregående", "Previous";
        later: "Nästa", "Next";
        place_of: "{from}–{to} av {all}", "{from}–{to} of {all}";
        enrol: "Ny kassa", "New till";
        enrol_lead: "En engångsnyckel släpper in en kassa, en gång, inom 14 dagar. Skriv in den på kassan eller lägg den på kortet.",
            "A one-time token lets one till in, once, within 14 days. Type it in at the till or put it on the card.";
        label: "Kassans märkning", "The till's label";
        label_hint: "Som på skylten: 0142", "As on its plate: 0142";
        make_token: "Gör engångsnyckel", "Make a token";
        token: "Engångsnyckel för {unit}", "Token for {unit}";
        token_once: "Den visas bara nu. När sidan stängs kan den inte visas igen; gör då en ny.",
            "It is shown now only. When the page is closed it cannot be shown again; make a new one then.";
        code_hint: "Krävs igen: koden i telefonens app.", "Needed again: the code in your phone's app.";
        logs: "Loggar", "Logs";
        logs_none: "Ingen logg ännu.", "No log yet.";
        log: "Logg", "Log";
        entries: "Poster", "Entries";
        head: "Huvud", "Head";
        enrolled: "Inskriven", "Enrolled";
        branches: "Grenar", "Branches";
        branch: "Gren {n} från post {seq}: till {last}", "Branch {n} from entry {seq}: to {last}";
        confirmed: "Bekräftad", "Confirmed";
        unconfirmed: "Väntar på bekräftelse", "Waits to be confirmed";
        revoked: "Spärrad", "Revoked";
        forked: "Delad", "Forked";
        succeeded: "Avlöst", "Succeeded";
        current: "I bruk", "In use";
        confirm_title: "Bekräfta nyckeln", "Confirm the key";
        confirm_lead: "Läs koden på kassans skärm och skriv in den. Den ska vara samma som navets.",
            "Read the code on the till's screen and type it in. It must be the same as the hub's.";
        hub_code: "Navets kod", "The hub's code";
        till_code: "Kassans kod", "The till's code";
        confirm: "Koderna är lika: bekräfta", "The codes are equal: confirm";
        revoke_title: "Spärra nyckeln", "Revoke the key";
        revoke_lead: "Inget som loggen skickar tas emot sedan. Det går inte att ångra. Osända köp kan läsas från kortet.",
            "Nothing that the log sends is taken from then on. It cannot be undone. Unsent sales can be read from the card.";
        why: "Varför", "Why";
        revoke: "Spärra för gott", "Revoke for good";
        shelved: "Poster som navet inte kan läsa", "Entries that the hub cannot read";
        shelved_lead: "De är sparade byte för byte och väntar på ett nyare nav.", "They are kept byte for byte and wait for a newer hub.";
        entry: "Post", "Entry";
        troubles: "Apparater", "Devices";
        about: "Om kassan", "About the till";
        depot: "Depå", "Depot";
        note: "Anteckning", "Note";
        expected: "Räknas till flottan", "Counts in the fleet";
        alerts: "Larm", "Alerts";
        alerts_lead: "Det som någon måste titta på. Ett larm som är över av sig självt stängs av navet.",
            "What somebody must look at. An alert that is over by itself is settled by the hub.";
        alerts_none: "Inga öppna larm.", "No open alerts.";
        alert: "Larm", "Alert";
        since: "Sedan", "Since";
        last: "Senast", "Last";
        times: "Gånger", "Times";
        details: "Mer", "More";
        settle: "Avklarat", "Settled";
        settled_by: "Avklarat av", "Settled by";
        only_open: "Bara öppna", "Open only";
        also_settled: "Även avklarade", "Settled too";
        why_no_log: "Ingen logg inskriven", "No log enrolled";
        why_never: "Inskriven men aldrig hörd", "Enrolled, never heard from";
        why_silent: "Tyst för länge", "Silent too long";
        why_forked: "Två kort skriver samma logg", "Two cards write one log";
        why_revoked: "Nyckeln är spärrad", "The key is revoked";
        why_two: "Flera loggar i bruk", "Several logs in use";
        why_unconfirmed: "Nyckeln väntar på bekräftelse", "The key waits to be confirmed";
        why_vouched: "Ny logg på en gammals ord", "New log on an old one's word";
        why_bad_post: "Trasig eller falsk sändning", "Broken or false post";
        why_behind: "Hörs, men köpen kommer inte fram", "Heard, but its sales do not come through";
        why_clock: "Klockan går fel", "The clock is far off";
        why_device: "En apparat krånglar", "A device is in trouble";
        why_unexpected: "Väntas inte, men hörs", "Not expected, yet heard";
        why_alert: "Öppet larm", "Open alert";
        alert_unknown: "Okänd nyckel försöker skicka", "An unknown key tries to post";
    }
}

impl FleetWords {
    /// A state's word.
    pub(crate) const fn state_word(&self, state: UnitState) -> &'static str {
        match state {
            UnitState::Good => self.good,
            UnitState::Bad => self.bad,
            UnitState::NotHeardFrom => self.not_heard,
        }
    }

    /// Why a unit is not good.
    pub(crate) const fn reason(&self, reason: Reason) -> &'static str {
        match reason {
            Reason::NoLog => self.why_no_log,
            Reason::NeverHeard => self.why_never,
            Reason::Silent => self.why_silent,
            Reason::Forked => self.why_forked,
            Reason::Revoked => self.why_revoked,
            Reason::TwoLogs => self.why_two,
            Reason::Unconfirmed => self.why_unconfirmed,
            Reason::Vouched => self.why_vouched,
            Reason::BadPost => self.why_bad_post,
            Reason::Behind => self.why_behind,
            Reason::Clock => self.why_clock,
            Reason::Device => self.why_device,
            Reason::NotExpected => self.why_unexpected,
            Reason::Alert => self.why_alert,
        }
    }

    /// An alert's sentence; what has none shows its code.
    pub(crate) fn alert_word(&self, code: &str) -> String {
        let known = match code {
            alert_code::FORK => self.why_forked,
            alert_code::UNCONFIRMED => self.why_unconfirmed,
            alert_code::VOUCHED => self.why_vouched,
            alert_code::UNKNOWN => self.alert_unknown,
            alert_code::REVOKED => self.why_revoked,
            alert_code::SIGNATURE | alert_code::CHAIN => self.why_bad_post,
            alert_code::BEHIND => self.why_behind,
            alert_code::CLOCK => self.why_clock,
            other => other,
        };
        known.to_owned()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_languages_say_everything_about_the_fleet() {
        super::super::check(super::FleetWords::ALL);
    }
}
