use std::fs;

use crate::Session;

#[test]
fn the_configuration_that_is_printed_can_be_used_as_it_is() {
    let session = Session::open();
    let printed = session.quietly("keyward config");
    assert_eq!(printed, server::config::default_config());
    session.quietly("keyward config > keyward.toml && keyward migrate");
    assert!(session.path("keyward-data").is_dir());
}

#[test]
fn the_configuration_is_printed_where_the_present_one_is_broken() {
    let session = Session::open();
    session.quietly("echo 'nonsense = 1' > keyward.toml && keyward config");
    session.fails("keyward migrate");
}

#[test]
fn a_flag_overrides_the_environment_which_overrides_the_file_which_overrides_the_default() {
    let session = Session::open();
    let made = |name: &str| session.path(name).join("blobs").is_dir();
    // `user list` opens, and so makes, the folders of the data.
    session.quietly("echo 'data = \"file\"' > keyward.toml && keyward user list");
    assert!(made("file") && !made("keyward-data"));
    session.quietly("KEYWARD_DATA= keyward user list");
    assert!(!made("keyward-data"));
    fs::remove_dir_all(session.path("file")).unwrap();
    session.quietly("KEYWARD_DATA=variable keyward user list");
    assert!(made("variable") && !made("file"));
    session.quietly("KEYWARD_DATA=variable2 keyward user list --data flag");
    assert!(made("flag") && !made("variable2") && !made("file"));
    session
        .quietly("echo 'data = \"other-file\"' > other.toml && KEYWARD_CONFIG=other.toml keyward user list");
    assert!(made("other-file"));
}

#[test]
fn wrong_settings_are_named_with_their_place() {
    let mut session = Session::open();
    session
        .types("keyward serve --listen nowhere")
        .types("KEYWARD_LOG_LEVEL=loud keyward user list")
        .types(r"printf '\n[limits]\nguesing = true\n' > keyward.toml; keyward user list")
        .types(r"printf '[limits]\nguessing = 1\n' > keyward.toml; keyward user list")
        .types(r"printf 'data = \n' > keyward.toml; keyward user list")
        .types("rm keyward.toml; keyward user list --config missing.toml")
        .types("KEYWARD_BLOBS_KIND=s3 keyward user list")
        .types("keyward user list --database-url mysql://alice:sesame@127.0.0.1/keyward")
        .types("keyward user list --nonsense");
    insta::assert_snapshot!(session.transcript());
}
