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
];

/// What is wrong and what to do, where the code stands here.
pub(crate) fn said(code: &str, lang: Lang) -> Option<[&'static str; 2]> {
    let (_, sv, en) = SAID.iter().find(|(known, ..)| *known == code)?;
    Some(if lang == Lang::Sv { *sv } else { *en })
}
