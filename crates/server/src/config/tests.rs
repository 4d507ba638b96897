mod precedence;

use std::{collections::BTreeMap, fs, path::Path};

use tempfile::TempDir;

use super::*;

/// A folder with a configuration file, and variables of an environment.
struct Place {
    folder: TempDir,
    variables: BTreeMap<&'static str, String>,
}

impl Place {
    /// Where the file has this text. Nothing depends on the folder in which the tests run.
    fn with_file(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("keyward.toml"), text).unwrap();
        Self { folder, variables: BTreeMap::new() }
    }

    fn with_variable(mut self, name: &'static str, value: &str) -> Self {
        self.variables.insert(name, value.to_owned());
        self
    }

    fn load(&self, flags: Flags) -> anyhow::Result<Settings> {
        let flags = Flags { config: Some(self.folder.path().join("keyward.toml")), ..flags };
        Settings::load(&flags, |name| self.variables.get(name).cloned())
    }

    /// The text of the refusal, with the folder left out.
    fn refusal(&self, flags: Flags) -> String {
        let error = self.load(flags).unwrap_err().to_string();
        error.replace(&format!("{}/", self.folder.path().display()), "")
    }
}

fn settings(text: &str) -> Settings {
    Place::with_file(text).load(Flags::default()).unwrap()
}

fn refusal_of(text: &str) -> String {
    Place::with_file(text).refusal(Flags::default())
}

fn smtp<T: fmt::Debug>(settings: &Settings, part: fn(&::mail::Smtp) -> T) -> String {
    settings.mail.smtp.as_ref().map_or_else(|| "-".into(), |smtp| format!("{:?}", part(smtp)))
}

fn s3(settings: &Settings, part: fn(&blobs::S3) -> String) -> String {
    match &settings.blobs {
        Blobs::S3(s3) => part(s3),
        Blobs::Folder(_) => "-".into(),
    }
}

#[test]
fn names_of_flags_and_variables_are_regular_and_unique() {
    for setting in SETTINGS {
        let from_flag = format!("KEYWARD_{}", setting.flag.replace('-', "_").to_uppercase());
        assert_eq!(from_flag, setting.variable);
        let same = SETTINGS.iter().filter(|other| other.flag == setting.flag || other.key == setting.key);
        assert_eq!(same.count(), 1, "{}", setting.key);
    }
}

/// Settings that have no default; the default file shows an example.
const EXAMPLES: [&str; 13] = [
    "blobs.bucket",
    "blobs.endpoint",
    "blobs.access_key_id",
    "blobs.secret_access_key",
    "mail.host",
    "mail.port",
    "mail.user",
    "mail.password",
    "mail.from",
    "mail.ca_file",
    "rubygems.yank_days",
    "rubygems.yank_downloads",
    "limits.connections",
];

/// The default file with its settings no longer commented out, but for those that `left_out` names.
fn uncommented(left_out: &[&str]) -> (String, Vec<String>) {
    let (mut text, mut keys, mut section) = (String::new(), Vec::new(), "");
    for line in default_config().lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.strip_suffix(']').unwrap();
        }
        let assignment =
            line.strip_prefix('#').filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
        match assignment.and_then(|rest| Some((rest, rest.split_once(" = ")?.0))) {
            Some((rest, name)) => {
                let key = if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") };
                if !left_out.contains(&key.as_str()) {
                    text.push_str(rest);
                }
                keys.push(key);
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    (text, keys)
}

#[test]
fn the_default_file_is_exactly_the_defaults() {
    let defaults = settings("");
    assert_eq!(format!("{:?}", settings(default_config())), format!("{defaults:?}"));

    let (text, _) = uncommented(&EXAMPLES);
    let mut written_out = settings(&text);
    assert_eq!(written_out.base_url.take(), Some(defaults.base_url_at(defaults.listen)));
    assert_eq!(format!("{written_out:?}"), format!("{defaults:?}"));
}

#[test]
fn the_default_file_has_every_setting_and_no_other() {
    let (text, mut shown) = uncommented(&[]);
    let mut known: Vec<_> = SETTINGS.iter().map(|setting| setting.key).collect();
    shown.sort_unstable();
    known.sort_unstable();
    assert_eq!(shown, known);
    // The examples can be used as they stand, once packages go to S3.
    let settings = settings(&text.replace("kind = \"folder\"", "kind = \"s3\""));
    assert_eq!((settings.rubygems.yank_days, settings.rubygems.yank_downloads), (Some(30), Some(100_000)));
    assert_eq!(s3(&settings, |s3| s3.bucket.clone()), "keyward");
    assert_eq!(smtp(&settings, ToString::to_string), "\"smtp.example.com:587 (STARTTLS)\"");
    for setting in SETTINGS {
        assert!(text.contains(&format!("--{}", setting.flag)), "the file names the flag of {}", setting.key);
        assert!(text.contains(setting.variable), "the file names the variable of {}", setting.key);
    }
}

#[test]
fn an_unknown_key_is_named_with_its_line() {
    assert_eq!(
        refusal_of("\nlisten_on = \"x\"\n"),
        "there is no setting `listen_on`: see line 2 of keyward.toml"
    );
    let in_section = "[rubygems]\n# a comment\nhost = []\n";
    assert_eq!(refusal_of(in_section), "there is no setting `rubygems.host`: see line 3 of keyward.toml");
    assert_eq!(refusal_of("[gems]\n"), "there is no setting `gems`: see line 1 of keyward.toml");
    assert_eq!(
        refusal_of("listen = 1"),
        "`listen` in keyward.toml, line 1, cannot be used: it must be a string in quotation marks"
    );
}

#[test]
fn a_file_that_is_no_toml_is_refused_with_its_line_and_without_its_text() {
    let refusal = refusal_of("listen = \"127.0.0.1:1\"\ndatabase_url = \"postgres://u:sesame@h/d\n");
    assert!(refusal.starts_with("line 2 of keyward.toml is not valid TOML: "), "{refusal}");
    assert!(!refusal.contains("sesame"), "{refusal}");
}

#[test]
fn a_bad_value_names_the_place_that_it_comes_from() {
    let expected =
        "cannot be `nowhere`: it must be an IP address and a port, such as `127.0.0.1:8080` or `[::]:8080`";
    let flags = || Flags { listen: Some("nowhere".into()), ..Flags::default() };
    assert_eq!(Place::with_file("").refusal(flags()), format!("`--listen` {expected}"));
    let file = refusal_of("\n\nlisten = \"nowhere\"\n");
    assert_eq!(file, format!("`listen` in keyward.toml, line 3, {expected}"));
    let variable = Place::with_file("").with_variable("KEYWARD_LISTEN", "nowhere");
    assert_eq!(variable.refusal(Flags::default()), format!("the variable `KEYWARD_LISTEN` {expected}"));
}

#[test]
fn values_that_cannot_be_are_refused() {
    let cases = [
        ("listen", "8080"),
        ("data", ""),
        ("base_url", "packages.example.com"),
        ("base_url", "ftp://packages.example.com"),
        ("base_url", "https://user:secret@packages.example.com"),
        ("base_url", "https://packages.example.com/?a=b"),
        ("blobs.kind", "tape"),
        ("mail.host", "smtp.example.com:587"),
        ("mail.host", "smtp://smtp.example.com"),
        ("mail.from", "keyward"),
        ("mail.from", "Keyward <keyward@example.com>\r\nBcc: a@example.com"),
        ("rubygems.hosts", "http://gems.example.com"),
        ("rubygems.hosts", "gems.example.com:8080"),
        ("rubygems.info_created_at", "yes"),
        ("rubygems.reserved_names", "no name"),
        ("rubygems.yank_days", "-1"),
        ("rubygems.yank_days", "4294967296"),
        ("rubygems.yank_downloads", "-1"),
        ("limits.largest_package_bytes", "0"),
        ("limits.largest_package_bytes", "500 MiB"),
        ("limits.largest_package_bytes", "9223372036854775808"),
        ("limits.header_timeout_seconds", "0"),
        ("limits.body_idle_timeout_seconds", "3601"),
        ("limits.bytes_per_second", "0"),
        ("limits.connections", "1"),
        ("limits.connections_per_address", "0"),
        ("limits.trusted_proxies", "10.0.0.0/33"),
        ("log.format", "xml"),
        ("log.level", "loud"),
        ("log.level", "info,=="),
        ("cache.warm_keys", "-1"),
    ];
    for (key, value) in cases {
        let setting = Setting::find(key).unwrap();
        let mut flags = Flags::default();
        flags.set(setting, value.to_owned());
        let refusal = Place::with_file("").refusal(flags);
        assert!(
            refusal.starts_with(&format!("`--{}` cannot be `", setting.flag)),
            "{key} {value}: {refusal}"
        );
    }
}

#[test]
fn no_secret_is_in_an_error_or_a_debug_text() {
    let of_database = Place::with_file("").with_variable("KEYWARD_DATABASE_URL", "mysql://u:sesame@h/d");
    let refusal = of_database.refusal(Flags::default());
    assert_eq!(
        refusal,
        "the variable `KEYWARD_DATABASE_URL` cannot be used: it must be of the form \
         `postgres://user:password@host:port/database` or `sqlite:FILE`"
    );
    let text = "database_url = \"postgres://u:sesame@h/d\"\n[blobs]\nkind = \"s3\"\nbucket = \"b\"\n\
                access_key_id = \"tulip\"\nsecret_access_key = \"sesame\"\n\
                [mail]\nhost = \"m\"\nuser = \"u\"\npassword = \"sesame\"\n";
    let shown = format!("{:#?}", settings(text));
    assert!(shown.contains("PostgreSQL") && !shown.contains("sesame") && !shown.contains("tulip"), "{shown}");
    let flags = Flags { database_url: Some("postgres://u:sesame@h/d".into()), ..Flags::default() };
    assert_eq!(format!("{flags:?}"), r#"{"database-url"}"#);
}

#[test]
fn s3_wants_its_bucket_and_credentials_and_a_bucket_wants_s3() {
    let complete =
        "[blobs]\nkind = \"s3\"\nbucket = \"b\"\naccess_key_id = \"i\"\nsecret_access_key = \"s\"\n";
    for key in ["bucket", "access_key_id", "secret_access_key"] {
        let without: Vec<_> = complete.lines().filter(|line| !line.starts_with(key)).collect();
        let expected = format!("packages are to be stored in S3, but `blobs.{key}` is not set");
        assert_eq!(refusal_of(&without.join("\n")), expected);
    }
    assert_eq!(s3(&settings(complete), |s3| s3.region.clone()), "us-east-1");
    assert_eq!(
        refusal_of("[blobs]\nbucket = \"b\"\n"),
        "`blobs.bucket` in keyward.toml, line 2, names a bucket, but packages are stored in a folder"
    );
}

#[test]
fn a_mail_server_is_signed_in_to_with_name_and_password_or_not_at_all() {
    assert_eq!(
        refusal_of("[mail]\nhost = \"m\"\nuser = \"u\"\n"),
        "the mail server is to be signed in to, but `mail.password` is not set"
    );
    assert_eq!(
        refusal_of("[mail]\nhost = \"m\"\npassword = \"p\"\n"),
        "the mail server is to be signed in to, but `mail.user` is not set"
    );
    assert_eq!(
        refusal_of("[mail]\nuser = \"u\"\npassword = \"p\"\n"),
        "`mail.user` in keyward.toml, line 2, is for a mail server, but mails go to files"
    );
    for (security, port) in [("starttls", "587"), ("tls", "465"), ("none", "25")] {
        let settings = settings(&format!("[mail]\nhost = \"m\"\nsecurity = \"{security}\"\n"));
        assert_eq!(smtp(&settings, ::mail::Smtp::port), port);
    }
    for wrong in ["port = 0", "port = 65536", "security = \"ssl\""] {
        let refusal = refusal_of(&format!("[mail]\nhost = \"m\"\n{wrong}\n"));
        assert!(refusal.contains(" cannot be `"), "{refusal}");
    }
}

#[test]
fn the_file_can_be_named_by_a_variable_and_has_to_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.toml");
    let load = || {
        let path = path.display().to_string();
        Settings::load(&Flags::default(), |name| (name == "KEYWARD_CONFIG").then(|| path.clone()))
    };
    let refusal = load().unwrap_err().to_string();
    assert!(refusal.starts_with("the configuration file /"), "{refusal}");
    assert!(refusal.contains("other.toml cannot be read: "), "{refusal}");
    fs::write(&path, "data = \"elsewhere\"\n").unwrap();
    let settings = load().unwrap();
    assert_eq!(settings.data, Path::new("elsewhere"));
    assert!(
        matches!(&settings.database, Address::Sqlite(path) if path == Path::new("elsewhere/keyward.sqlite"))
    );
    assert!(matches!(&settings.blobs, Blobs::Folder(path) if path == Path::new("elsewhere/blobs")));
}

#[test]
fn a_variable_that_is_set_to_nothing_counts_as_not_set() {
    let file = "listen = \"127.0.0.1:4321\"\n";
    let place =
        Place::with_file(file).with_variable("KEYWARD_DATABASE_URL", "").with_variable("KEYWARD_LISTEN", "");
    let settings = place.load(Flags::default()).unwrap();
    assert_eq!(format!("{settings:?}"), format!("{:?}", self::settings(file)));
}

#[test]
fn the_base_url_has_no_slash_at_its_end_and_is_the_address_listened_on_by_default() {
    let configured = settings("base_url = \"https://packages.example.com/keyward/\"\n");
    let bound = "0.0.0.0:4321".parse().unwrap();
    assert_eq!(configured.base_url_at(bound), "https://packages.example.com/keyward");
    let default = settings("");
    assert_eq!(default.base_url_at("127.0.0.1:4321".parse().unwrap()), "http://127.0.0.1:4321");
    assert_eq!(default.base_url_at(bound), "http://127.0.0.1:4321");
    assert_eq!(default.base_url_at("[::]:4321".parse().unwrap()), "http://[::1]:4321");
}

#[test]
fn a_network_of_ipv4_that_is_written_as_ipv6_becomes_what_it_is() {
    for (written, network) in [
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ("::ffff:192.0.2.1", "192.0.2.1/32"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("10.1.0.0/16", "10.1.0.0/16"),
    ] {
        let settings = settings(&format!("[limits]\ntrusted_proxies = [\"{written}\"]\n"));
        assert_eq!(settings.limits.trusted_proxies, [network.parse().unwrap()], "{written}");
    }
}

#[test]
fn lists_are_read_alike_from_each_place() {
    let from_file = settings("[rubygems]\nreserved_names = [\"Foo\", \"bar-baz\"]\n").rubygems.reserved_names;
    let flags = Flags { rubygems_reserved_names: Some("Foo, bar-baz,".into()), ..Flags::default() };
    assert_eq!(Place::with_file("").load(flags).unwrap().rubygems.reserved_names, from_file);
    let nothing = Flags { rubygems_reserved_names: Some(String::new()), ..Flags::default() };
    assert_eq!(Place::with_file("").load(nothing).unwrap().rubygems.reserved_names, [""; 0]);
    assert_eq!(settings("[rubygems]\nhosts = [\"Gems.Example.COM\"]\n").rubygems.hosts, ["gems.example.com"]);
}

#[test]
fn a_list_can_have_at_most_1000_items() {
    let names = |count: usize| (0..count).map(|n| format!("name{n}")).collect::<Vec<_>>();
    let flags = |count| Flags { rubygems_reserved_names: Some(names(count).join(",")), ..Flags::default() };
    let place = Place::with_file("");
    assert_eq!(place.load(flags(1000)).unwrap().rubygems.reserved_names.len(), 1000);
    assert_eq!(
        place.refusal(flags(1001)),
        "`--rubygems-reserved-names` has too many items: a list can have at most 1000"
    );
    let file = format!("[rubygems]\nreserved_names = {:?}\n", names(1001));
    assert_eq!(
        refusal_of(&file),
        "`rubygems.reserved_names` in keyward.toml, line 2, has too many items: a list can have at most 1000"
    );
}
