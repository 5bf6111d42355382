//! Drafts and uploads through the pages.

use bundle::{Grant, Role as Keys, Root, SecretKey, sign};

use super::*;
use crate::{bundles, web::page::PROVEN_S};

impl Visitor<'_> {
    /// Sends a form with a file.
    async fn send_file(&mut self, path: &str, file: &[u8], code: Option<&str>) -> Response {
        let csrf = self.csrf().await;
        let mut body = Vec::new();
        if let Some(code) = code {
            body.extend(format!("--cut\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\n{code}\r\n").into_bytes());
        }
        body.extend(
            b"--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\nContent-Type: application/octet-stream\r\n\r\n",
        );
        body.extend(file);
        body.extend(b"\r\n--cut--\r\n");
        let request = Request::post(format!("{path}?csrf={csrf}"))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut")
            .header(header::ORIGIN, format!("https://{HOST}"));
        self.send(request.body(Body::from(body)).expect("a request")).await
    }
}

fn keys() -> [SecretKey; 3] {
    [1, 2, 3].map(|seed| SecretKey::from_seed(&[seed; 32]))
}

/// A hub with a root that two of three have signed.
fn rooted() -> Bench {
    let bench = Bench::new();
    let mut publics: Vec<_> = keys().iter().map(SecretKey::public).collect();
    publics.sort_by_key(bundle::PublicKey::id);
    let ids: Vec<_> = publics.iter().map(bundle::PublicKey::id).collect();
    let grant = |role| Grant { role, threshold: if role == Keys::Root { 2 } else { 1 }, keys: ids.clone(), since_root: 1 };
    let root = Root { version: 1, operator: "Demo".into(), keys: publics, grants: Keys::ALL.map(grant).to_vec() };
    let bytes = keys().iter().take(2).fold(root.seal(NOW_S, NOW_S).expect("a root"), |bytes, key| sign(&bytes, key).expect("signed"));
    bundles::take_root(&bench.hub.store, &bytes, "console", NOW_S).expect("a root");
    bench
}

#[tokio::test]
async fn a_price_goes_from_the_page_by_way_of_the_depot_to_what_tills_are_told() {
    let bench = rooted();
    let (office, _) = bench.account("olle", Role::Office).await;
    let (admin, totp) = bench.account("ada", Role::Admin).await;
    let mut page = bench.signed_in(&office, 1);
    let fields = [
        ("sku", "1001"),
        ("name_sv", "Bryggkaffe"),
        ("name_en", "Filter coffee"),
        ("category", "hot"),
        ("kind", "goods"),
        ("vat_class", "drink"),
        ("supply", "take_away"),
        ("favourite", "1"),
        ("from", "2026-01-01"),
        ("SEK", "32,00"),
    ];
    assert_eq!(page.post("/bundles/product", &fields).await.status(), StatusCode::SEE_OTHER);
    let shown = text(page.get("/bundles/draft/prices").await).await;
    assert!(shown.contains("32.00 SEK") && shown.contains("olle"), "{shown}");
    let draft = to_bytes(page.get("/bundles/draft/prices/export").await.into_body(), usize::MAX).await.expect("a body");
    // Somebody at the depot signs; here with a key of the test.
    let signed = sign(&draft, &keys()[0]).expect("signed");
    assert_eq!(refusal(page.send_file("/bundles/upload", &signed, None).await).await, (StatusCode::FORBIDDEN, "account.right".into()));
    let mut page = bench.signed_in(&admin, 1);
    assert_eq!(refusal(page.send_file("/bundles/upload", &draft, None).await).await, (StatusCode::BAD_REQUEST, "bundle.unsigned".into()));
    assert_eq!(page.send_file("/bundles/upload", &signed, None).await.status(), StatusCode::SEE_OTHER);
    let news = bench.hub.store.bundle_news("0142").expect("read");
    assert_eq!(news.iter().map(|news| (news.role.as_str(), news.version)).collect::<Vec<_>>(), [("root", 1), ("prices", 1)]);
    assert!(text(page.get("/bundles").await).await.contains("ada"));
    // Later the second factor is asked for again, and stands in the form beside the file.
    bench.pass(PROVEN_S + 1);
    assert_eq!(
        refusal(page.send_file("/bundles/upload", &signed, Some("000000")).await).await,
        (StatusCode::FORBIDDEN, "account.code".into())
    );
    let code = secret::totp(&totp, bench.now_s() / 30);
    assert_eq!(
        refusal(page.send_file("/bundles/upload", &signed, Some(&code)).await).await,
        (StatusCode::BAD_REQUEST, "bundle.known".into())
    );
}

#[tokio::test]
async fn a_bad_csv_is_shown_cell_by_cell_and_a_good_one_is_taken() {
    let bench = rooted();
    let (office, _) = bench.account("olle", Role::Office).await;
    let mut page = bench.signed_in(&office, 1);
    let bad = page.send_file("/bundles/draft/prices/csv", b"sku,from,SEK\n1001,someday,cheap\n", None).await;
    assert_eq!(bad.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let shown = text(bad).await;
    assert!(shown.contains("someday") && shown.contains("cheap") && shown.contains("Write it like 2026-04-01."), "{shown}");
    assert!(bench.hub.store.draft("prices").expect("read").is_empty());
    let good = page.send_file("/bundles/draft/prices/csv", b"sku,from,SEK\n1001,2026-01-01,31.00\n", None).await;
    assert_eq!(good.status(), StatusCode::SEE_OTHER);
    assert!(
        text(page.get("/bundles/draft/prices/csv").await)
            .await
            .contains("1001,Bryggkaffe,Filter coffee,hot,,drink,take_away,2026-01-01,31.00")
    );
}

#[tokio::test]
async fn people_files_and_what_is_wrong_with_them() {
    let bench = rooted();
    let (office, _) = bench.account("olle", Role::Office).await;
    let mut page = bench.signed_in(&office, 1);
    let person = |crew: &'static str, pin: &'static str| {
        [("crew", crew), ("name", "Demo Eva"), ("initials", "DE"), ("role", "manager"), ("language", "sv"), ("pin", pin)]
    };
    assert_eq!(refusal(page.post("/bundles/person", &person("104", "1234")).await).await.1, "draft.person");
    assert_eq!(page.post("/bundles/person", &person("104", "123456")).await.status(), StatusCode::SEE_OTHER);
    let shown = text(page.get("/bundles/draft/staff").await).await;
    assert!(shown.contains("Demo Eva") && !shown.contains("argon2"), "{shown}");
    assert_eq!(page.post("/bundles/person/remove", &[("crew", "104")]).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(refusal(page.post("/bundles/person/remove", &[("crew", "104")]).await).await.1, "draft.no-such-row");
    let timetable = till::data::DEMO.timetable.replacen("\"country\": \"SE\"", "\"country\": \"XX\"", 1);
    let refused = page.send_file("/bundles/draft/prices/file/timetable.json", timetable.as_bytes(), None).await;
    assert_eq!(refusal(refused).await, (StatusCode::BAD_REQUEST, "bundle.data".into()));
    let vat = to_bytes(page.get("/bundles/draft/prices/file/vat.json").await.into_body(), usize::MAX).await.expect("a body");
    assert_eq!(page.send_file("/bundles/draft/prices/file/vat.json", &vat, None).await.status(), StatusCode::SEE_OTHER);
    assert!(bench.hub.store.draft("prices").expect("read").contains_key("vat.json"));
    assert_eq!(page.send_file("/bundles/draft/prices/file/virus.sh", &vat, None).await.status(), StatusCode::NOT_FOUND);
}
