//! What an operator stops and undoes at the command line.

use crate::Session;

#[test]
fn an_account_is_locked_and_unlocked() {
    let mut session = Session::of_alice();
    session
        .types("keyward user lock bob")
        .types("keyward user lock alice")
        .types("keyward user lock alice")
        .types("keyward user list")
        .types("keyward key create --account alice --ecosystem rubygems --name ci --scope push_rubygem")
        .types("keyward user unlock alice@example.com")
        .types("keyward user unlock alice");
    insta::assert_snapshot!(session.transcript());
}

#[test]
fn packages_and_owners_are_named_and_what_is_missing_is_said() {
    let mut session = Session::of_alice();
    session
        .types("keyward owner add alice --package hola --ecosystem rubygems")
        .types("keyward owner list --package hola --ecosystem rubygems")
        .types("keyward owner add alice --package 'not a name' --ecosystem rubygems")
        .types("keyward package yank --package hola --ecosystem rubygems")
        .types("keyward package yank --package hola --ecosystem rubygems --version 1.0.0")
        .types("keyward package unyank --package hola --ecosystem rubygems --version 1.0.0");
    insta::assert_snapshot!(session.transcript());
}
