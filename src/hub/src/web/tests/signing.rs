//! Signing in, and what it is slowed down by.

use super::*;
use data_encoding::BASE32_NOPAD;

fn code(totp: &[u8], now_s: i64) -> String {
    secret::totp(totp, now_s / 30)
}

#[tokio::test]
async fn the_first_account_is_made_with_the_consoles_code_and_signs_in() {
    let bench = Bench::new();
    let code_on_console = first_code(&bench.hub.store, NOW_S).expect("asked").expect("no account yet");
    let mut visitor = bench.visitor();
    assert_eq!(refusal(visitor.post("/welcome", &[("invite", "AAAA-BBBB")]).await).await, (StatusCode::NOT_FOUND, "account.invite".into()));
    let page = text(visitor.post("/welcome", &[("invite", &code_on_console)]).await).await;
    let shown = page.split_once("<span class=\"code\">").and_then(|(_, rest)| rest.split('<').next()).expect("the secret");
    let totp = BASE32_NOPAD.decode(shown.replace('-', "").as_bytes()).expect("base32");
    assert!(page.contains("<svg class=\"qr\""), "and as a picture");
    let (now, good) = (code(&totp, NOW_S), "en mening som lösenord");
    for (login, password, typed, status) in [
        ("anna", "kort", now.as_str(), StatusCode::UNPROCESSABLE_ENTITY),
        ("anna", good, "000000", StatusCode::UNPROCESSABLE_ENTITY),
        ("console", good, now.as_str(), StatusCode::UNPROCESSABLE_ENTITY),
        ("anna", good, now.as_str(), StatusCode::OK),
        ("berit", good, now.as_str(), StatusCode::NOT_FOUND),
    ] {
        let fields = [("invite", &*code_on_console), ("login", login), ("name", "Anna"), ("password", password), ("code", typed)];
        assert_eq!(visitor.post("/welcome/account", &fields).await.status(), status, "{login} {password}");
    }
    assert_eq!(first_code(&bench.hub.store, NOW_S).expect("asked"), None);
    bench.pass(30);
    let response = visitor.sign_in("Anna ", good, &code(&totp, NOW_S + 30)).await;
    assert_eq!((response.status(), &response.headers()[header::LOCATION]), (StatusCode::SEE_OTHER, &"/alerts".parse().expect("a path")));
    assert_eq!(visitor.get("/").await.status(), StatusCode::OK);
    let made = bench.hub.store.accounts().expect("asked");
    assert_eq!(made.iter().map(|account| (account.login.as_str(), account.role)).collect::<Vec<_>>(), [("anna", Role::Admin)]);
}

#[tokio::test]
async fn the_only_administrator_comes_back_with_a_code_of_the_console() {
    let bench = Bench::new();
    let (account, old) = bench.account("anna", Role::Admin).await;
    let mut before = bench.signed_in(&account, 1);
    let back = |login: &str| super::super::accounts::code_back(&bench.hub.store, login, NOW_S).expect("asked");
    assert_eq!(back("nobody"), None);
    let replaced = back("anna").expect("a code");
    let on_console = back("anna").expect("a code");
    let mut visitor = bench.visitor();
    assert_eq!(refusal(visitor.post("/welcome", &[("invite", &replaced)]).await).await, (StatusCode::NOT_FOUND, "account.invite".into()));
    let page = text(visitor.post("/welcome", &[("invite", &on_console)]).await).await;
    assert!(page.contains("name=\"login\" value=\"anna\""), "{page}");
    let shown = page.split_once("<span class=\"code\">").and_then(|(_, rest)| rest.split('<').next()).expect("the secret");
    let totp = BASE32_NOPAD.decode(shown.replace('-', "").as_bytes()).expect("base32");
    let (typed, new) = (code(&totp, NOW_S), "ett helt nytt lösenord");
    for (login, status) in [("berit", StatusCode::CONFLICT), ("anna", StatusCode::OK), ("anna", StatusCode::NOT_FOUND)] {
        let fields = [("invite", &*on_console), ("login", login), ("name", "Anna"), ("password", new), ("code", &typed)];
        assert_eq!(visitor.post("/welcome/account", &fields).await.status(), status, "{login}");
    }
    assert_eq!(before.get("/").await.status(), StatusCode::SEE_OTHER, "who was signed in is no longer");
    bench.pass(30);
    let at_s = bench.now_s();
    assert_eq!(visitor.sign_in("anna", PASSWORD, &code(&old, at_s)).await.status(), StatusCode::UNAUTHORIZED, "the lost phone");
    assert_eq!(visitor.sign_in("anna", new, &code(&totp, at_s)).await.status(), StatusCode::SEE_OTHER);
    let made = bench.hub.store.accounts().expect("asked");
    assert_eq!(made.iter().map(|account| (account.id.as_str(), account.role)).collect::<Vec<_>>(), [("anna", Role::Admin)]);
    let told: Vec<String> = bench.hub.store.notes_about("anna").expect("asked").into_iter().map(|noted| noted.note.action).collect();
    assert!(told.contains(&"invite-back".to_owned()) && told.contains(&"account-back".to_owned()), "{told:?}");
}

#[tokio::test]
async fn a_session_is_new_at_signing_in_and_its_cookie_is_shut_to_others() {
    let bench = Bench::new();
    let (_, totp) = bench.account("anna", Role::Depot).await;
    let mut visitor = bench.visitor();
    // Somebody planted an id of his own.
    let planted = HEXLOWER.encode(&[7; 32]);
    visitor.cookies = vec![("trolley".into(), planted.clone()), ("before".into(), planted.clone())];
    let response = visitor.sign_in("anna", PASSWORD, &code(&totp, NOW_S)).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let set = response.headers()[header::SET_COOKIE].to_str().expect("text").to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict") && set.contains("Path=/"), "{set}");
    assert_ne!(visitor.cookie("trolley"), Some(planted.as_str()));
    let mut thief = bench.visitor();
    thief.cookies = vec![("trolley".into(), planted)];
    assert_eq!(thief.get("/").await.status(), StatusCode::SEE_OTHER, "the planted id opens nothing");
    let id = HEXLOWER.decode(visitor.cookie("trolley").expect("a session").as_bytes()).expect("hex");
    assert!(bench.hub.store.session(id.try_into().expect("32 bytes"), NOW_S).expect("asked").is_none(), "ids are kept hashed");
    visitor.post("/sign-out", &[]).await;
    assert_eq!(visitor.get("/").await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn over_tls_the_cookie_is_bound_to_host_and_encryption() {
    let bench = Bench::new();
    let (_, totp) = bench.account("anna", Role::Depot).await;
    let mut visitor = bench.visitor();
    let csrf = visitor.csrf().await;
    let typed = code(&totp, NOW_S);
    let mut request = form(
        "/sign-in",
        &[("csrf", &csrf), ("login", "anna"), ("password", PASSWORD), ("code", &typed), ("to", "//evil.example/")],
        Some(&format!("https://{HOST}")),
    );
    let peer = crate::Peer { public: None, addr: "192.0.2.7:4711".parse().expect("an address"), tls: true };
    request.extensions_mut().insert(peer);
    let response = visitor.send(request).await;
    let set = response.headers()[header::SET_COOKIE].to_str().expect("text").to_owned();
    assert!(set.starts_with("__Host-trolley=") && set.contains("; Secure"), "{set}");
    assert_eq!(response.headers()[header::LOCATION], "/", "nobody is led to another host");
}

#[tokio::test]
async fn a_code_signs_in_once() {
    let bench = Bench::new();
    let (_, totp) = bench.account("anna", Role::Viewer).await;
    let typed = code(&totp, NOW_S);
    assert_eq!(bench.visitor().sign_in("anna", PASSWORD, &typed).await.status(), StatusCode::SEE_OTHER);
    let mut other = bench.visitor();
    assert_eq!(other.sign_in("anna", PASSWORD, &typed).await.status(), StatusCode::UNAUTHORIZED);
    bench.pass(30);
    assert_eq!(other.sign_in("anna", PASSWORD, &code(&totp, NOW_S + 30)).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn whoever_guesses_waits_longer_and_longer_also_after_a_restart() {
    let mut bench = Bench::new();
    let (_, totp) = bench.account("anna", Role::Viewer).await;
    for _ in 0..5 {
        assert_eq!(bench.visitor().sign_in("anna", "fel", "000000").await.status(), StatusCode::UNAUTHORIZED);
    }
    bench.restart();
    let waits = bench.visitor().sign_in("anna", PASSWORD, &code(&totp, NOW_S)).await;
    assert_eq!((waits.status(), &waits.headers()[header::RETRY_AFTER]), (StatusCode::TOO_MANY_REQUESTS, &"2".parse().expect("a number")));
    bench.pass(2);
    let at_s = bench.now_s();
    assert_eq!(bench.visitor().sign_in("anna", PASSWORD, &code(&totp, at_s)).await.status(), StatusCode::SEE_OTHER, "who waited may try");
    let told: Vec<String> = bench.hub.store.notes_about("anna").expect("asked").into_iter().map(|noted| noted.note.action).collect();
    assert_eq!(told.iter().filter(|action| *action == "sign-in-failed").count(), 5, "{told:?}");
}

#[tokio::test]
async fn one_address_that_tries_many_names_is_slowed_down_too() {
    let bench = Bench::new();
    for n in 0..21 {
        assert_eq!(bench.visitor().sign_in(&format!("name{n}"), "fel", "000000").await.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(bench.visitor().sign_in("another", "fel", "000000").await.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_new_password_and_a_new_phone_need_the_old_ones() {
    let bench = Bench::new();
    let (account, totp) = bench.account("anna", Role::Viewer).await;
    let mut visitor = bench.signed_in(&account, 1);
    let typed = code(&totp, NOW_S);
    let new = "ett helt nytt lösenord";
    let wrong = visitor.post("/account/password", &[("password", "fel"), ("new", new), ("code", &typed)]).await;
    assert_eq!(refusal(wrong).await, (StatusCode::FORBIDDEN, "account.password".into()));
    bench.pass(30);
    let typed = code(&totp, bench.now_s());
    assert_eq!(
        visitor.post("/account/password", &[("password", PASSWORD), ("new", new), ("code", &typed)]).await.status(),
        StatusCode::SEE_OTHER
    );
    bench.pass(30);
    let phone = secret::totp_secret();
    let (old_code, new_code) = (code(&totp, bench.now_s()), code(&phone, bench.now_s()));
    let encoded = BASE32_NOPAD.encode(&phone);
    let changed = visitor.post("/account/totp", &[("secret", &encoded), ("code", &old_code), ("new_code", &new_code)]).await;
    assert_eq!(changed.status(), StatusCode::SEE_OTHER);
    bench.pass(30);
    let mut other = bench.visitor();
    assert_eq!(other.sign_in("anna", new, &code(&totp, bench.now_s())).await.status(), StatusCode::UNAUTHORIZED, "the old phone");
    assert_eq!(other.sign_in("anna", new, &code(&phone, bench.now_s())).await.status(), StatusCode::SEE_OTHER);
}
