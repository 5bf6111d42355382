//! Why a page says no, by code: what is wrong and what to do.

use crate::web::page::Lang;

/// Code; what is wrong and what to do in Swedish; the same in English.
type Said = (&'static str, [&'static str; 2], [&'static str; 2]);

const SAID: &[Said] = &[
    (
        "page.missing",
        ["Sidan eller saken finns inte.", "Gå tillbaka och välj i listan."],
        ["There is no such page or thing.", "Go back and choose from the list."],
    ),
    (
        "page.address",
        ["Adressen gick inte att läsa.", "Gå tillbaka och välj i listan."],
        ["The address could not be read.", "Go back and choose from the list."],
    ),
    (
        "page.csrf",
        ["Formuläret kom inte från en av navets egna sidor, eller är för gammalt.", "Gå tillbaka, ladda om sidan och försök igen."],
        ["The form did not come from one of the hub's own pages, or is too old.", "Go back, load the page again and try once more."],
    ),
    (
        "page.form",
        ["Formuläret gick inte att läsa.", "Gå tillbaka, fyll i det igen och skicka."],
        ["The form could not be read.", "Go back, fill it in again and send it."],
    ),
    (
        "page.control",
        ["Ett fält innehåller tecken som inte syns.", "Gå tillbaka och skriv texten för hand. Inget har ändrats."],
        ["A field has characters that do not show.", "Go back and type the text by hand. Nothing has changed."],
    ),
    (
        "account.sign-in",
        ["Du är inte inloggad, eller har varit borta för länge.", "Logga in och gör om det. Inget har ändrats."],
        ["You are not signed in, or have been away too long.", "Sign in and do it again. Nothing has changed."],
    ),
    (
        "account.right",
        ["Ditt konto får inte göra detta.", "Be någon med rätt roll, eller en administratör om en annan roll."],
        ["Your account may not do this.", "Ask somebody with the right role, or an administrator for another role."],
    ),
    (
        "account.code",
        ["Det här kräver en ny engångskod från din telefon, och koden stämde inte.", "Gå tillbaka och skriv koden som visas just nu."],
        [
            "This needs a new one-time code from your phone, and the code did not match.",
            "Go back and type the code that is shown right now.",
        ],
    ),
    (
        "account.slow",
        ["För många försök den senaste tiden.", "Vänta några minuter och försök igen."],
        ["Too many tries in a short time.", "Wait some minutes and try again."],
    ),
    (
        "account.password",
        ["Lösenordet stämde inte, eller det nya är för kort.", "Gå tillbaka. Ett nytt lösenord har minst 12 tecken."],
        ["The password did not match, or the new one is too short.", "Go back. A new password has at least 12 characters."],
    ),
    (
        "account.self",
        ["Du kan inte stänga ditt eget konto.", "Be en annan administratör."],
        ["You cannot shut your own account.", "Ask another administrator."],
    ),
    (
        "account.invite",
        ["Inbjudan finns inte, är använd eller för gammal.", "Be om en ny inbjudan."],
        ["The invitation does not exist, is used or too old.", "Ask for a new invitation."],
    ),
    (
        "log.short-code",
        ["Koden är inte den som navet räknat ut.", "Läs koden på kassans skärm igen. Är den verkligen en annan: spärra nyckeln."],
        ["The code is not the one the hub worked out.", "Read the code on the till's screen again. If it really differs: revoke the key."],
    ),
    (
        "log.revoked",
        ["Nyckeln är redan spärrad, och det tas inte tillbaka.", "Gör en ny engångsnyckel för kassan."],
        ["The key has been revoked, and that is not taken back.", "Make a new token for the till."],
    ),
    (
        "unit.label",
        ["Märkningen går inte: 1 till 10 bokstäver a–z eller siffror.", "Gå tillbaka och skriv den som på kassan."],
        ["The label will not do: 1 to 10 letters a–z or digits.", "Go back and write it as on the till."],
    ),
    (
        "alert.settled",
        ["Larmet finns inte, eller är redan avklarat.", "Ladda om listan."],
        ["There is no such alert, or it is settled already.", "Load the list again."],
    ),
    (
        "live.full",
        ["För många sidor lyssnar just nu.", "Ladda om sidan för att se det senaste."],
        ["Too many pages listen right now.", "Load the page again to see the latest."],
    ),
    (
        "hub.no-key",
        ["Navet har inte sin nyckel ännu.", "Vänta tills det har startat."],
        ["The hub does not have its key yet.", "Wait until it has started."],
    ),
    (
        "hub.busy",
        ["Navets databas är upptagen.", "Försök igen om en stund. Inget som kvitterats är borta."],
        ["The hub's database is busy.", "Try again in a moment. Nothing that was acknowledged is lost."],
    ),
    (
        "hub.store",
        ["Navets databas svarade inte som den ska.", "Försök igen om en stund. Inget som kvitterats är borta."],
        ["The hub's database did not answer as it should.", "Try again in a moment. Nothing that was acknowledged is lost."],
    ),
    (
        "incident.closed",
        ["Incidenten är avslutad.", "Öppna en ny om något återstår."],
        ["The incident is closed.", "Open a new one if something remains."],
    ),
    (
        "incident.left",
        ["Några kassor är varken klara eller ställda åt sidan.", "Gör klart dem, eller ställ dem åt sidan med ett skäl."],
        ["Some tills are neither done nor set aside.", "Finish them, or set them aside with a reason."],
    ),
    (
        "incident.no-unit",
        ["Kassan finns inte i incidenten, eller är redan klar.", "Ladda om sidan."],
        ["The till is not in the incident, or is done already.", "Load the page again."],
    ),
    (
        "incident.text",
        ["En rubrik eller ett skäl saknas eller är för långt.", "Gå tillbaka och skriv 1 till 200 tecken."],
        ["A title or a reason is missing or too long.", "Go back and write 1 to 200 characters."],
    ),
    (
        "incident.units",
        ["Ingen av märkningarna är en kassa i flottan.", "Gå tillbaka och skriv kassornas märkningar."],
        ["None of the labels is a till of the fleet.", "Go back and write the tills' labels."],
    ),
];

/// What is wrong and what to do, where the code stands here.
pub(crate) fn said(code: &str, lang: Lang) -> Option<[&'static str; 2]> {
    let (_, sv, en) = SAID.iter().find(|(known, ..)| *known == code)?;
    Some(if lang == Lang::Sv { *sv } else { *en })
}
