use super::*;

fn of(line: &str) -> Result<Asked, Failure> {
    asked(lexopt::Parser::from_args(line.split_whitespace()))
}

fn usage(line: &str) -> String {
    match of(line) {
        Err(failure @ Failure::Usage(_)) => {
            assert_eq!(failure.exit_code(), 2);
            failure.to_string()
        }
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn every_verb_is_understood() {
    let place = || Place { data: Some("d".into()), postgres: None };
    let token = Task::Token { unit: "0142".into() };
    assert_eq!(of("token --unit 0142 --data d").expect("understood"), Asked::Do(place(), token));
    let serve = Task::Serve { listen: "[::1]:9".parse().expect("an address") };
    assert_eq!(of("serve --data d --listen [::1]:9").expect("understood"), Asked::Do(place(), serve));
    let restore = Task::Restore { file: "f".into(), replace: true };
    assert_eq!(of("--data d restore --replace f").expect("understood"), Asked::Do(place(), restore));
    let named = Task::ApiToken { name: "report".into(), forget: false };
    assert_eq!(of("api-token --name report --data=d").expect("understood"), Asked::Do(place(), named));
    assert_eq!(of("webhook --off --data d").expect("understood"), Asked::Do(place(), Task::Webhook { url: None }));
    let postgres = Place { data: None, postgres: Some("postgres://h/d".into()) };
    assert_eq!(of("rebuild --postgres postgres://h/d").expect("understood"), Asked::Do(postgres, Task::Rebuild));
}

#[test]
fn what_is_missing_or_too_much_is_named() {
    assert!(usage("").contains("what should"));
    assert!(usage("sell").contains("cannot \"sell\""));
    assert!(usage("token").contains("--unit"));
    assert!(usage("backup").contains("FILE"));
    assert!(usage("serve --unit 1").contains("does not know --unit"));
    assert!(usage("rebuild now").contains("further word"));
    assert!(usage("serve --listen here").contains("0.0.0.0:8443"));
    assert!(usage("webhook").contains("--off"));
    assert!(usage("serve --port 1").contains("--port"));
}

#[test]
fn the_help_knows_every_verb() {
    for verb in ["serve", "token", "api-token", "rebuild", "backup", "restore", "first-account", "webhook"] {
        assert!(crate::help::HELP.contains(&format!("hub {verb}")), "{verb}");
    }
}
