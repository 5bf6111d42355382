//! What is refused whole, and what is noted about it.

use super::{super::page::PROVEN_S, *};

#[tokio::test]
async fn a_mistyped_label_is_told_and_marks_nothing() {
    let bench = Bench::new();
    let (anna, _) = bench.account("anna", Role::Depot).await;
    bench.hub.store.set_unit("0101", "", "", true, NOW_S).expect("a unit");
    bench.hub.store.set_unit("0102", "", "", true, NOW_S).expect("a unit");
    let mut anna = bench.signed_in(&anna, 1);
    let asked = [("title", "Demo"), ("which", "typed"), ("units", "0101, O102")];
    let response = anna.post("/incidents", &asked).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(response).await;
    assert!(page.contains("incident.unknown-unit") && page.contains("O102"), "{page}");
    assert!(bench.hub.store.incidents().expect("asked").is_empty());
    assert_eq!(anna.post("/incidents", &[("title", "Demo"), ("which", "typed"), ("units", "0101")]).await.status(), StatusCode::SEE_OTHER);
    let id = bench.hub.store.incidents().expect("asked").remove(0).id;
    let refused = anna.post(&format!("/incidents/{id}/mark"), &[("units", "0102 0103")]).await;
    assert_eq!(refusal(refused).await, (StatusCode::UNPROCESSABLE_ENTITY, "incident.unknown-unit".into()));
    assert_eq!(bench.hub.store.incidents().expect("asked")[0].counts.total(), 1);
}

#[tokio::test]
async fn what_does_not_show_is_not_taken_from_a_form() {
    let bench = Bench::new();
    let (anna, _) = bench.account("anna", Role::Depot).await;
    bench.hub.store.set_unit("0101", "Hagalund", "", true, NOW_S).expect("a unit");
    let mut anna = bench.signed_in(&anna, 1);
    for hidden in ["\0", "\u{1b}[2K", "\u{7f}", "\u{9b}", "\u{202e}"] {
        for (depot, note) in [(format!("Haga{hidden}lund"), "".to_owned()), ("Solna".into(), format!("demo{hidden}"))] {
            let response = anna.post("/units/0101", &[("depot", &*depot), ("note", &*note)]).await;
            assert_eq!(refusal(response).await, (StatusCode::UNPROCESSABLE_ENTITY, "page.control".into()), "{depot:?} {note:?}");
        }
    }
    assert!(text(anna.get("/units/0101").await).await.contains("Hagalund"), "nothing has changed");
    let lines = anna.post("/units/0101", &[("depot", "Solna"), ("note", "one\r\n\ttwo")]).await;
    assert_eq!(lines.status(), StatusCode::SEE_OTHER, "people write lines");
}

#[tokio::test]
async fn a_wrong_code_of_somebody_who_is_signed_in_is_noted() {
    let bench = Bench::new();
    let (anna, _) = bench.account("anna", Role::Depot).await;
    let mut anna = bench.signed_in(&anna, 1);
    bench.pass(PROVEN_S);
    let response = anna.post("/enrol", &[("unit", "0101"), ("code", "000000")]).await;
    assert_eq!(refusal(response).await, (StatusCode::FORBIDDEN, "account.code".into()));
    let notes = bench.hub.store.notes_about("anna").expect("asked");
    let wrong: Vec<_> = notes.iter().filter(|noted| noted.note.action == "code-wrong").map(|noted| noted.at).collect();
    assert_eq!(wrong, [NOW_S + PROVEN_S]);
}

#[tokio::test]
async fn a_period_that_is_too_long_is_refused_and_never_moved() {
    let bench = Bench::new();
    let (anna, _) = bench.account("anna", Role::Admin).await;
    let mut anna = bench.signed_in(&anna, 1);
    for path in ["/sales", "/trips", "/receipts", "/z"] {
        let refused = refusal(anna.get(&format!("{path}?from=2020-01-01&to=2026-06-30")).await).await;
        assert_eq!(refused, (StatusCode::BAD_REQUEST, "report.period".into()), "{path}");
        let whole = anna.get(&format!("{path}?from=2024-07-01&to=2026-06-30")).await;
        assert_eq!(whole.status(), StatusCode::OK, "{path}: two years");
    }
}
