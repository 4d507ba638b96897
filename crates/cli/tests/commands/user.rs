use serde_json::json;

use crate::Session;

#[test]
fn accounts_are_made_and_listed() {
    let mut session = Session::open();
    session
        .types("keyward user list")
        .types("keyward user list --json")
        .types(r"printf 'correct horse\r\n' | keyward user add alice --email alice@example.com --password-stdin --admin")
        .types("printf 'battery staple' | keyward user add Bob-2 --email bob@example.com --password-stdin")
        .types("keyward user list")
        .types("keyward user list --json");
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn an_account_that_cannot_be_is_refused_with_every_reason() {
    let mut session = Session::of_alice();
    session
        .types("keyward user add bob --email bob@example.com")
        .types("echo short | keyward user add b --email bob --password-stdin")
        .types("keyward user add bob --email bob@example.com --password-stdin < /dev/null")
        .types(r"printf '\377\376 correct horse' | keyward user add bob --email bob@example.com --password-stdin")
        .types("echo 'correct horse' | keyward user add ALICE --email other@example.com --password-stdin")
        .types("echo 'correct horse' | keyward user add bob --email Alice@example.com --password-stdin")
        .types("keyward user list");
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn an_account_of_the_command_line_is_confirmed_and_no_administrator_unless_told() {
    let session = Session::of_alice();
    let accounts = session.json("keyward user list --json");
    let seen = ["name", "email", "email_confirmed", "admin", "locked"].map(|field| &accounts[0][field]);
    assert_eq!(json!(seen), json!(["alice", "alice@example.com", true, false, false]));
}

#[test]
fn a_password_is_taken_without_its_line_end_and_nowhere_shown() {
    let session = Session::open();
    let add = "keyward user add alice --email alice@example.com --password-stdin";
    // Nine letters and a line end are nine letters.
    assert!(session.fails(&format!("printf 'sesame 9!\\r\\n' | {add}")).contains("at least 10 characters"));
    assert!(session.fails(&format!("printf 'alice12345\\n' | {add}")).contains("too easy to guess"));
    let told = session.quietly(&format!("printf 'open sesame\\n' | {add} 2>&1"));
    assert_eq!(told, "Made the account `alice`.\n");
}

#[test]
fn an_account_is_deleted_with_its_keys_and_its_name_stays_taken() {
    let mut session = Session::of_alice();
    session
        .types(
            "echo 'correct horse' | keyward user add boss --email boss@example.com --password-stdin --admin",
        )
        .types("keyward user delete boss")
        .types("keyward user delete alice")
        .types("keyward user list")
        .types("keyward user delete alice")
        .types("echo 'correct horse' | keyward user add alice --email new@example.com --password-stdin")
        .types("keyward user invite new@example.com")
        .types("keyward user invite boss@example.com")
        .types("keyward user invite nonsense");
    insta::assert_snapshot!(session.transcript());
}
