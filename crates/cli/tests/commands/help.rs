use crate::Session;

/// The commands that a help text lists.
fn listed(help: &str) -> Vec<&str> {
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = commands.map_while(|line| line.strip_prefix("  ")?.split_whitespace().next());
    names.filter(|name| *name != "help").collect()
}

/// Compares the help text of a command, and those of the commands below it, with their snapshots.
fn walk(session: &Session, words: &[&str]) {
    let line = words.join(" ");
    let help = session.quietly(&format!("{line} --help"));
    assert_eq!(help, session.quietly(&format!("{line} -h")), "`{line} -h` is no other text");
    let trimmed: Vec<_> = help.lines().map(str::trim_end).collect();
    insta::assert_snapshot!(words.join("_"), trimmed.join("\n"));
    for name in listed(&help) {
        walk(session, &[words, &[name]].concat());
    }
}

#[test]
fn each_command_shows_its_own_options() {
    walk(&Session::open(), &["keyward"]);
}

#[test]
fn options_of_the_server_are_refused_where_they_have_no_effect() {
    let mut session = Session::open();
    session
        .types("keyward user list --listen 127.0.0.1:0")
        .types("keyward --listen 127.0.0.1:0 user list")
        .types("keyward --data elsewhere config")
        .types("keyward mail preview --to mails --data elsewhere");
    insta::assert_snapshot!(session.transcript());
}
