//! Messages about signed bundles, in every language. To crew a bundle is a data package.

use super::{Message, says};

/// In English.
pub(super) const EN: &[(&str, Message)] = &[
    says("bundle.before_restart", "The data package was made before the depot began anew.", EN_SAFE, "Ask the depot for the newest one."),
    says("bundle.below_threshold", "Too few people have signed the data package.", EN_SAFE, "Do not use it, and tell the depot."),
    says("bundle.bomb", "The data package unpacks to more than it may.", EN_SAFE, "Do not use it, and tell the depot."),
    says("bundle.change", "The new prices change more than one signature allows.", EN_SAFE, "Ask the depot to check the prices."),
    says("bundle.conflict", "Another data package has the same version.", EN_SAFE, "Do not use it, and tell the depot."),
    says(
        "bundle.currency",
        "The data package is in another currency than the till's books.",
        EN_SAFE,
        "Do not use it, and tell the depot.",
    ),
    says("bundle.cut_off", "The data package is cut off.", EN_SAFE, "Fetch it again; tell the depot if it comes back."),
    says("bundle.data", "The data in the package cannot be used.", EN_SAFE, "Ask the depot to correct it."),
    says("bundle.files", "The data package holds what does not belong in it.", EN_SAFE, "Do not use it, and tell the depot."),
    says("bundle.known", "The till has this data package already.", EN_SAFE, "Carry on selling."),
    says(
        "bundle.no_root",
        "The till does not know yet whose signatures to believe.",
        EN_SAFE,
        "Ask the depot to put its root on the card.",
    ),
    says(
        "bundle.older",
        "The till has a newer data package than this one.",
        EN_SAFE,
        "Carry on selling; ask the depot for the newest one.",
    ),
    says("bundle.operator", "The data package belongs to another company.", EN_SAFE, "Do not use it, and tell the depot."),
    says("bundle.payload", "The data package was changed after it was signed.", EN_SAFE, "Do not use it, and tell the depot."),
    says("bundle.role", "The data package is not of the kind that was expected.", EN_SAFE, "Do not use it, and tell the depot."),
    says("bundle.root", "The list of keys cannot be used.", EN_SAFE, "Do not use it, and tell the depot."),
    says("bundle.root_behind", "The data package needs a newer list of keys.", EN_SAFE, "Install the newest root first."),
    says("bundle.root_pinned", "The till believes another root already.", EN_SAFE, "Do not use it, and tell the depot."),
    says("bundle.root_skipped", "A list of keys in between is missing.", EN_SAFE, "Install the roots one after the other."),
    says("bundle.signature", "A signature on the data package is wrong.", EN_SAFE, "Do not use it, and tell the depot."),
    says("bundle.signed_twice", "One key has signed the data package twice.", EN_SAFE, "Do not use it, and tell the depot."),
    says(
        "bundle.stale",
        "The price or staff list is past its date.",
        EN_SAFE,
        "Carry on selling; a station with coverage brings a new one.",
    ),
    says("bundle.too_large", "The data package is larger than it may be.", EN_SAFE, "Do not use it, and tell the depot."),
    says("bundle.trailing", "Something hangs on to the end of the data package.", EN_SAFE, "Do not use it, and tell the depot."),
    says("bundle.unit", "The data package is meant for other units.", EN_SAFE, "Carry on selling; ask the depot for this unit's own."),
    says("bundle.unreadable", "That is no data package.", EN_SAFE, "Fetch it again; tell the depot if it comes back."),
    says("bundle.unsigned", "Nobody has signed the data package.", EN_SAFE, "Do not use it, and tell the depot."),
    says("bundle.version", "The data package has an impossible version.", EN_SAFE, "Do not use it, and tell the depot."),
];

/// In Swedish.
pub(super) const SV: &[(&str, Message)] = &[
    says("bundle.before_restart", "Datapaketet är gjort innan depån började om.", SV_SAFE, "Be depån om det nyaste."),
    says("bundle.below_threshold", "För få personer har signerat datapaketet.", SV_SAFE, "Använd det inte och säg till depån."),
    says("bundle.bomb", "Datapaketet packas upp till mer än det får.", SV_SAFE, "Använd det inte och säg till depån."),
    says("bundle.change", "De nya priserna ändrar mer än en signatur tillåter.", SV_SAFE, "Be depån kontrollera priserna."),
    says("bundle.conflict", "Ett annat datapaket har samma version.", SV_SAFE, "Använd det inte och säg till depån."),
    says("bundle.currency", "Datapaketet har en annan valuta än kassans bokföring.", SV_SAFE, "Använd det inte och säg till depån."),
    says("bundle.cut_off", "Datapaketet är avklippt.", SV_SAFE, "Hämta det igen; säg till depån om det upprepas."),
    says("bundle.data", "Uppgifterna i datapaketet går inte att använda.", SV_SAFE, "Be depån rätta dem."),
    says("bundle.files", "Datapaketet innehåller sådant som inte hör dit.", SV_SAFE, "Använd det inte och säg till depån."),
    says("bundle.known", "Kassan har redan det här datapaketet.", SV_SAFE, "Sälj vidare."),
    says("bundle.no_root", "Kassan vet ännu inte vems signaturer som gäller.", SV_SAFE, "Be depån lägga sin rot på kortet."),
    says("bundle.older", "Kassan har ett nyare datapaket än det här.", SV_SAFE, "Sälj vidare; be depån om det nyaste."),
    says("bundle.operator", "Datapaketet tillhör ett annat företag.", SV_SAFE, "Använd det inte och säg till depån."),
    says("bundle.payload", "Datapaketet har ändrats efter signeringen.", SV_SAFE, "Använd det inte och säg till depån."),
    says("bundle.role", "Datapaketet är inte av den sort som väntades.", SV_SAFE, "Använd det inte och säg till depån."),
    says("bundle.root", "Nyckellistan går inte att använda.", SV_SAFE, "Använd det inte och säg till depån."),
    says("bundle.root_behind", "Datapaketet kräver en nyare nyckellista.", SV_SAFE, "Installera den nyaste roten först."),
    says("bundle.root_pinned", "Kassan litar redan på en annan rot.", SV_SAFE, "Använd det inte och säg till depån."),
    says("bundle.root_skipped", "En nyckellista däremellan saknas.", SV_SAFE, "Installera rötterna en efter en."),
    says("bundle.signature", "En signatur på datapaketet är fel.", SV_SAFE, "Använd det inte och säg till depån."),
    says("bundle.signed_twice", "En nyckel har signerat datapaketet två gånger.", SV_SAFE, "Använd det inte och säg till depån."),
    says("bundle.stale", "Pris- eller personallistan har passerat sitt datum.", SV_SAFE, "Sälj vidare; en station med täckning ger en ny."),
    says("bundle.too_large", "Datapaketet är större än det får vara.", SV_SAFE, "Använd det inte och säg till depån."),
    says("bundle.trailing", "Något hänger kvar i slutet av datapaketet.", SV_SAFE, "Använd det inte och säg till depån."),
    says("bundle.unit", "Datapaketet är avsett för andra enheter.", SV_SAFE, "Sälj vidare; be depån om enhetens eget."),
    says("bundle.unreadable", "Det där är inget datapaket.", SV_SAFE, "Hämta det igen; säg till depån om det upprepas."),
    says("bundle.unsigned", "Ingen har signerat datapaketet.", SV_SAFE, "Använd det inte och säg till depån."),
    says("bundle.version", "Datapaketet har en omöjlig version.", SV_SAFE, "Använd det inte och säg till depån."),
];

const EN_SAFE: &str = "The till sells on by the lists that it has.";
const SV_SAFE: &str = "Kassan säljer vidare med de listor den har.";
