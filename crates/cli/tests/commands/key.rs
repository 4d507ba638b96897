use domain::Presented;
use serde_json::json;

use crate::Session;

#[test]
fn a_key_is_made_shown_changed_and_revoked() {
    let mut session = Session::of_alice();
    session
        .types("keyward key list --account alice")
        .types("keyward key list --account alice --json")
        .types(
            "keyward key create --account alice --ecosystem rubygems --name ci --scope push_rubygem,yank_rubygem \
             --package hola --expires 90d",
        )
        .types("keyward key list --account alice@example.com");
    let id = session.key_id("ci");
    session
        .types(&format!("keyward key show {id}"))
        .types(&format!("keyward key edit {id} --scope push_rubygem --package hola --glob 'hola-*'"))
        .types(&format!("keyward key show {id} --json"))
        .types(&format!("keyward key revoke {id}"))
        .types(&format!("keyward key revoke {id}"))
        .types(&format!("keyward key edit {id} --scope yank_rubygem"))
        .types("keyward key list --account alice");
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn keys_of_every_ecosystem_follow_its_rules() {
    let mut session = Session::of_alice();
    let create = |rest: &str| format!("keyward key create --account alice --ecosystem {rest}");
    session
        .types(&create("rubygems --name all --scope index_rubygems --scope push_rubygem"))
        .types(&create("rubygems --name short --scope push_rubygem --expires 12h"))
        .types(&create(
            "nuget --name service --scope package:push --glob 'Fabrikam.Service.*' --package Fabrikam",
        ))
        .types(&create("powershell --name week --scope package:pushnew --glob '*' --expires 7d"))
        .types(&create(
            "powershell --name quarter --scope package:pushnew,package:unlist --glob '*' --expires 90d",
        ))
        .types("keyward key list --account alice");
    let (id, gem_key) = (session.key_id("service"), session.key_id("all"));
    session
        .types(&format!("keyward key edit {id} --scope package:unlist --glob '*'"))
        .types(&format!("keyward key edit {id} --package Fabrikam.Service.Core"))
        .types(&format!("keyward key regenerate {id}"))
        .types(&format!("keyward key regenerate {gem_key}"))
        .types("keyward key list --account alice");
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn a_key_that_cannot_be_is_refused_and_nothing_stands_on_standard_output() {
    let mut session = Session::of_alice();
    let create = |rest: &str| format!("keyward key create --account alice --ecosystem {rest}");
    session
        .types("keyward key create --account bob --ecosystem rubygems --name ci --scope push_rubygem")
        .types(&create("cargo --name ci --scope push_rubygem"))
        .types(&create("rubygems --name ci"))
        .types(&create("rubygems --name '' --scope show_dashboard,push_rubygem --expires 0d"))
        .types(&create("rubygems --name ci --scope push_rubygem --expires tomorrow"))
        .types(&create("rubygems --name ci --scope push_rubygem --package 'a b'"))
        .types(&create("nuget --name ci --scope package:push"))
        .types(&create("powershell --name ci --scope package:push"))
        .types(&create("powershell --name ci --scope push --glob '*'"))
        .types(&create("nuget --name ci --scope package:push --glob '*' --expires never"))
        .types(&create("rubygems --name ci --scope push_rubygem --otp"))
        .types("keyward key list --account alice --json");
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn values_in_use_elsewhere_are_imported_all_or_none() {
    let mut session = Session::of_alice();
    let digest = hex::encode(domain::KeyDigest::of("fedcba9876543210fedcba9876543210").as_bytes());
    std::fs::write(session.path("digests"), format!("# a digest\nsha256:{digest}\n")).unwrap();
    let import = |rest: &str| format!("keyward key import-legacy --account alice {rest}");
    session
        .types(&format!(
            "echo 0123456789abcdef0123456789abcdef | {}",
            import("--ecosystem rubygems --file -")
        ))
        .types(&import("--ecosystem nuget --name 'build server' --file digests"))
        .types("keyward key list --account alice")
        .types(&import("--ecosystem powershell --file digests"));
    let id = session.key_id("legacy-key");
    session
        .types(&format!("keyward key revoke {id}"))
        .types(&format!(
            "printf 'a-new-value-that-is-long\\n0123456789abcdef0123456789abcdef\\n' | {}",
            import("--ecosystem rubygems --file -")
        ))
        .types(&format!("printf 'tiny\\nsha256:12\\n' | {}", import("--ecosystem rubygems --file -")))
        .types(&import("--ecosystem rubygems --file nowhere"))
        .types("keyward key list --account alice");
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn a_key_that_is_not_there_is_named() {
    let mut session = Session::of_alice();
    let id = "0192f0c1-2b3c-7def-8123-456789abcdef";
    session
        .types(&format!("keyward key show {id}"))
        .types(&format!("keyward key edit {id} --scope push_rubygem"))
        .types(&format!("keyward key edit {id}"))
        .types(&format!("keyward key revoke {id}"))
        .types(&format!("keyward key regenerate {id}"))
        .types("keyward key revoke ci")
        .types("keyward key list --account bob");
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn an_edit_changes_everything_that_it_names_or_nothing() {
    let session = Session::of_alice();
    session.quietly(
        "keyward key create --account alice --ecosystem rubygems --name ci --scope push_rubygem --glob 'a*'",
    );
    let id = session.key_id("ci");
    let show = format!("keyward key show {id} --json");
    let before = session.json(&show);
    session.fails(&format!("keyward key edit {id} --glob 'b*' --scope nonsense"));
    session.fails(&format!("keyward key edit {id} --scope yank_rubygem --glob 'b*' --glob 'not a glob'"));
    assert_eq!(session.json(&show), before);

    session.quietly(&format!("keyward key edit {id} --scope yank_rubygem"));
    let after = session.json(&show);
    assert_eq!((&after["scopes"], &after["packages"]), (&json!(["yank_rubygem"]), &json!(["a*"])));
}

#[test]
fn json_tells_any_package_from_none_and_never_the_value() {
    let session = Session::of_alice();
    let create = "keyward key create --account alice --ecosystem rubygems --scope push_rubygem";
    let values = [
        session.quietly(&format!("{create} --name any")),
        session.quietly(&format!("{create} --name some --package one --glob 'two*'")),
    ];
    let list = session.quietly("keyward key list --account alice --json");
    for value in &values {
        let value = value.strip_suffix('\n').unwrap();
        assert!(matches!(Presented::inspect(value), Presented::Ours(_)), "the value stands alone: {value}");
        assert!(!list.contains(value));
    }
    let packages = |name: &str| {
        session.json(&format!("keyward key show {} --json", session.key_id(name)))["packages"].clone()
    };
    assert_eq!(packages("any"), json!(null));
    assert_eq!(packages("some"), json!(["one", "two*"]));
}

#[test]
fn long_lists_are_listed_in_parts() {
    let session = Session::of_alice();
    let create = "keyward key create --account alice --ecosystem rubygems --scope push_rubygem --name";
    for name in ["one", "two", "three"] {
        session.quietly(&format!("{create} {name}"));
    }
    let list = "keyward key list --account alice --limit 2 --json";
    let names = |keys: &serde_json::Value| {
        keys.as_array()
            .unwrap()
            .iter()
            .map(|key| key["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let first = session.json(&format!("{list} 2>told"));
    assert_eq!(names(&first), ["three", "two"]);
    let end = first[1]["id"].as_str().unwrap();
    let told = std::fs::read_to_string(session.path("told")).unwrap();
    assert_eq!(told, format!("There are more keys. Use `--after {end}` to list them.\n"));
    let rest = session.json(&format!("{list} --after {end} 2>told"));
    assert_eq!(names(&rest), ["one"]);
    assert_eq!(std::fs::read_to_string(session.path("told")).unwrap(), "");

    for name in ["bob", "Carol"] {
        session.quietly(&format!(
            "echo 'correct horse' | keyward user add {name} --email {name}@example.com --password-stdin"
        ));
    }
    assert_eq!(names(&session.json("keyward user list --limit 2 --json 2>told")), ["alice", "bob"]);
    let told = std::fs::read_to_string(session.path("told")).unwrap();
    assert_eq!(told, "There are more accounts. Use `--after bob` to list them.\n");
    assert_eq!(names(&session.json("keyward user list --limit 2 --after BOB --json")), ["Carol"]);
    session.fails("keyward user list --limit 0");
    session.fails("keyward key list --account alice --limit 1001");
}
