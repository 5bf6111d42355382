//! The texts of the frame, the accounts and the fleet.

use std::borrow::Borrow;

use hub_store::accounts::Role;

super::words! {
    /// Texts that many pages share.
    Words {
        skip: "Till innehållet", "Skip to content";
        nav: "Sidor", "Pages";
        foot: "Trolley, nav", "Trolley, hub";
        live_lost: "Ingen kontakt med navet just nu. Sidan visar det som gällde när kontakten bröts.",
            "No contact with the hub right now. The page shows what held when contact was lost.";
        look_auto: "Ljus: auto", "Light: auto";
        look_day: "Ljus: dag", "Light: day";
        look_night: "Ljus: natt", "Light: night";
        nav_fleet: "Flottan", "Fleet";
        nav_incidents: "Incidenter", "Incidents";
        nav_alerts: "Larm", "Alerts";
        nav_sales: "Försäljning", "Sales";
        nav_trips: "Turer", "Trips";
        nav_receipts: "Kvitton", "Receipts";
        nav_z: "Z-rapporter", "Z reports";
        nav_findings: "Avvikelser", "Findings";
        nav_bundles: "Paket", "Bundles";
        nav_accounts: "Konton", "Accounts";
        nav_audit: "Vem gjorde vad", "Who did what";
        sign_out: "Logga ut", "Sign out";
        sign_in: "Logga in", "Sign in";
        login: "Användarnamn", "User name";
        password: "Lösenord", "Password";
        code: "Engångskod", "One-time code";
        code_hint: "Sex siffror från appen på din telefon.", "Six digits from the app on your phone.";
        invited: "Jag har en inbjudan", "I have an invitation";
        wrong: "Det gick inte", "That did not work";
        back: "Tillbaka", "Back";
        save: "Spara", "Save";
        now: "nu", "now";
        minutes_ago: "för {n} min sedan", "{n} min ago";
        hours_ago: "för {n} h sedan", "{n} h ago";
        days_ago: "för {n} dygn sedan", "{n} days ago";
        never: "aldrig", "never";

        slow: "För många försök. Vänta {n} sekunder.", "Too many tries. Wait {n} seconds.";
        sign_in_wrong: "Användarnamn, lösenord eller engångskod stämmer inte. En kod gäller bara en gång.",
            "User name, password or one-time code does not match. A code is good only once.";
        login_wrong: "Namn och användarnamn behövs; användarnamnet har bokstäver a–z, siffror, punkt eller bindestreck.",
            "Name and user name are needed; the user name has letters a–z, digits, dots or hyphens.";
        login_hint: "Bokstäver a–z, siffror, punkt, bindestreck.", "Letters a–z, digits, dots, hyphens.";
        login_taken: "Användarnamnet är upptaget. Välj ett annat.", "The user name is taken. Choose another.";
        password_wrong: "Lösenordet är för kort: minst 12 tecken.", "The password is too short: at least 12 characters.";
        password_hint: "Minst 12 tecken. En mening går bra.", "At least 12 characters. A sentence will do.";
        code_wrong: "Engångskoden stämmer inte. Skriv den som visas just nu.", "The one-time code does not match. Type the one shown right now.";
        invite_code: "Inbjudans kod", "The invitation's code";
        invite_hint: "Den första koden står på navets konsol, andra ger en administratör.",
            "The first code stands on the hub's console, others come from an administrator.";
        go_on: "Fortsätt", "Go on";
        make_account: "Skapa konto", "Make the account";
        name: "Namn", "Name";
        second: "Engångskoder", "One-time codes";
        second_hint: "Läs bilden med en app för engångskoder på telefonen och skriv koden den visar.",
            "Read the picture with an app for one-time codes on your phone and type the code it shows.";
        secret_hint: "Går det inte att läsa? Skriv in nyckeln för hand:", "Cannot read it? Type the key by hand:";
        qr: "QR-kod för engångskoder", "QR code for one-time codes";
        made: "Kontot är klart", "The account is ready";
        made_hint: "Logga in med användarnamn, lösenord och nästa engångskod.", "Sign in with user name, password and the next one-time code.";
        own_account: "Mitt konto", "My account";
        saved: "Sparat.", "Saved.";
        old_password: "Nuvarande lösenord", "Present password";
        new_password: "Nytt lösenord", "New password";
        others_out: "Alla andra inloggningar med kontot avslutas.", "Everybody else signed in with this account is signed out.";
        new_second: "Ny telefon", "New phone";
        new_second_hint: "Läs bilden med den nya telefonen. Sedan behövs en kod från varje.", "Read the picture with the new phone. Then one code from each is needed.";
        code_old: "Kod från den gamla", "Code from the old one";
        code_new: "Kod från den nya", "Code from the new one";
        role_viewer: "Läsare", "Viewer";
        role_depot: "Depå", "Depot";
        role_office: "Kontor", "Office";
        role_admin: "Administratör", "Administrator";
    }
}

impl Words {
    /// A role's name.
    pub(crate) fn role(&self, role: impl Borrow<Role>) -> &'static str {
        match role.borrow() {
            Role::Viewer => self.role_viewer,
            Role::Depot => self.role_depot,
            Role::Office => self.role_office,
            Role::Admin => self.role_admin,
        }
    }
}
