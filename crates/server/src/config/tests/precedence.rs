//! Which place wins, for each setting.

use super::*;

/// A setting, two values that it can have, its default, and how to see in the resolved settings which one it has.
type Row = (&'static str, [&'static str; 2], &'static str, fn(&Settings) -> String);

/// Every setting but `blobs.kind`, which cannot be seen without others.
const ROWS: &[Row] = &[
    ("listen", ["127.0.0.1:1", "127.0.0.1:2"], "127.0.0.1:8080", |s| s.listen.to_string()),
    ("data", ["a", "b"], "./keyward-data", |s| s.data.display().to_string()),
    ("database_url", ["sqlite:a", "postgres://b/c"], "Sqlite(\"./keyward-data/keyward.sqlite\")", |s| {
        format!("{:?}", s.database)
    }),
    ("base_url", ["http://a", "http://b"], "None", |s| format!("{:?}", s.base_url)),
    ("cors_origins", ["http://a,https://b", "http://c"], "", |s| {
        s.cors_origins.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }),
    ("blobs.folder", ["a", "b"], "./keyward-data/blobs", |s| match &s.blobs {
        Blobs::Folder(folder) => folder.display().to_string(),
        Blobs::S3(_) => "-".into(),
    }),
    ("blobs.bucket", ["a", "b"], "-", |s| s3(s, |s3| s3.bucket.clone())),
    ("blobs.region", ["a", "b"], "-", |s| s3(s, |s3| s3.region.clone())),
    ("blobs.endpoint", ["http://a", "http://b"], "-", |s| s3(s, |s3| format!("{:?}", s3.endpoint))),
    ("blobs.access_key_id", ["a", "b"], "-", |s| s3(s, |s3| s3.access_key_id.clone())),
    ("blobs.secret_access_key", ["a", "b"], "-", |s| s3(s, |s3| s3.secret_access_key.clone())),
    ("mail.host", ["a", "b"], "-", |s| smtp(s, |smtp| smtp.host.clone())),
    ("mail.port", ["1", "2"], "-", |s| smtp(s, |smtp| smtp.port)),
    ("mail.security", ["tls", "none"], "-", |s| smtp(s, |smtp| smtp.security)),
    ("mail.user", ["a", "b"], "-", |s| smtp(s, |smtp| smtp.login.as_ref().map(|login| login.user.clone()))),
    ("mail.password", ["a", "b"], "-", |s| {
        smtp(s, |smtp| smtp.login.as_ref().map(|login| login.password.clone()))
    }),
    ("mail.from", ["a@example.com", "B <b@example.com>"], "None", |s| format!("{:?}", s.mail.from)),
    ("mail.ca_file", ["a", "b"], "-", |s| smtp(s, |smtp| smtp.ca_file.clone())),
    ("accounts.sign_up", ["open", "closed"], "Invitation", |s| format!("{:?}", s.sign_up)),
    ("rubygems.hosts", ["a,b", "c"], "[]", |s| format!("{:?}", s.rubygems.hosts)),
    ("rubygems.info_created_at", ["false", "true"], "true", |s| s.rubygems.info_created_at.to_string()),
    ("rubygems.legacy_get_api_key", ["false", "true"], "true", |s| s.rubygems.legacy_get_api_key.to_string()),
    ("rubygems.reserved_names", ["a,b", "c"], "25 names", |s| match s.rubygems.reserved_names.as_slice() {
        [] | [_] | [_, _] => s.rubygems.reserved_names.join(" "),
        names => format!("{} names", names.len()),
    }),
    ("rubygems.reclaim_names", ["true", "false"], "false", |s| s.rubygems.reclaim_names.to_string()),
    ("rubygems.refuse_similar_names", ["false", "true"], "true", |s| {
        s.rubygems.refuse_similar_names.to_string()
    }),
    ("rubygems.yank_days", ["1", "2"], "None", |s| format!("{:?}", s.rubygems.yank_days)),
    ("rubygems.yank_downloads", ["1", "2"], "None", |s| format!("{:?}", s.rubygems.yank_downloads)),
    ("limits.largest_package_bytes", ["1", "2"], "524288000", |s| s.limits.largest_package_bytes.to_string()),
    ("limits.header_timeout_seconds", ["1", "2"], "30s", |s| format!("{:?}", s.limits.header_timeout)),
    ("limits.body_idle_timeout_seconds", ["1", "2"], "60s", |s| format!("{:?}", s.limits.body_idle_timeout)),
    ("limits.body_timeout_seconds", ["1", "2"], "30s", |s| format!("{:?}", s.limits.body_timeout)),
    ("limits.write_timeout_seconds", ["1", "2"], "60s", |s| format!("{:?}", s.limits.write_timeout)),
    ("limits.bytes_per_second", ["1", "2"], "1024", |s| s.limits.bytes_per_second.to_string()),
    ("limits.idle_timeout_seconds", ["1", "2"], "75s", |s| format!("{:?}", s.limits.idle_timeout)),
    ("limits.connections", ["2", "3"], "None", |s| format!("{:?}", s.limits.connections)),
    ("limits.connections_per_address", ["1", "2"], "512", |s| s.limits.connections_per_address.to_string()),
    ("limits.guessing", ["false", "true"], "true", |s| s.limits.guessing.to_string()),
    ("limits.trusted_proxies", ["10.0.0.0/8", "::1"], "[]", |s| format!("{:?}", s.limits.trusted_proxies)),
    ("log.format", ["json", "text"], "Text", |s| format!("{:?}", s.log.format)),
    ("log.level", ["trace", "warn,registry=info"], "info", |s| s.log.level.clone()),
    ("cache.warm_keys", ["1", "2"], "200000", |s| s.cache.warm_keys.to_string()),
];

/// What else S3 takes.
const S3: [(&str, &str); 4] = [
    ("KEYWARD_BLOBS_KIND", "s3"),
    ("KEYWARD_S3_BUCKET", "-"),
    ("KEYWARD_S3_ACCESS_KEY_ID", "-"),
    ("KEYWARD_S3_SECRET_ACCESS_KEY", "-"),
];

/// What else a mail server takes.
const SMTP: [(&str, &str); 3] =
    [("KEYWARD_MAIL_HOST", "-"), ("KEYWARD_MAIL_USER", "-"), ("KEYWARD_MAIL_PASSWORD", "-")];

/// Variables without which the setting has no effect.
fn needed_by(key: &str) -> &'static [(&'static str, &'static str)] {
    match key.split_once('.') {
        Some(("blobs", name)) if name != "folder" => &S3,
        Some(("mail", name)) if name != "from" => &SMTP,
        _ => &[],
    }
}

/// A line of the file that gives a setting this value.
fn line(setting: &Setting, value: &str) -> String {
    let quoted = |text: &str| format!("\"{text}\"");
    let value = match setting.shape {
        Shape::Text => quoted(value),
        Shape::Number | Shape::Switch => value.to_owned(),
        Shape::List => format!("[{}]", value.split(',').map(quoted).collect::<Vec<_>>().join(", ")),
    };
    match setting.key.split_once('.') {
        Some((section, key)) => format!("[{section}]\n{key} = {value}\n"),
        None => format!("{} = {value}\n", setting.key),
    }
}

/// What a setting is when flag, variable and file have these values.
fn seen(row: &Row, [flag, variable, file]: [Option<&str>; 3]) -> String {
    let (key, _, _, show) = row;
    let setting = Setting::find(key).unwrap();
    let mut place = Place::with_file(&file.map(|value| line(setting, value)).unwrap_or_default());
    for (name, value) in needed_by(key).iter().filter(|(name, _)| *name != setting.variable) {
        place = place.with_variable(name, value);
    }
    if let Some(value) = variable {
        place = place.with_variable(setting.variable, value);
    }
    let mut flags = Flags::default();
    if let Some(value) = flag {
        flags.set(setting, value.to_owned());
    }
    show(&place.load(flags).unwrap())
}

#[test]
fn a_flag_overrides_the_environment_which_overrides_the_file_which_overrides_the_default() {
    for row in ROWS {
        let (key, [a, b], default, show) = row;
        let (is_a, is_b) = (seen(row, [Some(a), None, None]), seen(row, [Some(b), None, None]));
        assert_ne!(is_a, is_b, "{key} has two values that can be told apart");
        for (win, lose, expected) in [(*a, *b, &is_a), (*b, *a, &is_b)] {
            let (win, lose) = (Some(win), Some(lose));
            assert_eq!(seen(row, [win, lose, lose]), *expected, "{key}: a flag overrides both");
            assert_eq!(seen(row, [win, lose, None]), *expected, "{key}: a flag overrides a variable");
            assert_eq!(seen(row, [win, None, lose]), *expected, "{key}: a flag overrides the file");
            assert_eq!(seen(row, [None, win, lose]), *expected, "{key}: a variable overrides the file");
            assert_eq!(seen(row, [None, win, None]), *expected, "{key}: a variable overrides the default");
            assert_eq!(seen(row, [None, None, win]), *expected, "{key}: the file overrides the default");
        }
        assert_eq!(show(&settings("")), *default, "{key} has its default");
    }
}

#[test]
fn the_table_of_precedence_has_every_setting() {
    let tested: Vec<_> = ROWS.iter().map(|row| row.0).collect();
    let missing: Vec<_> = SETTINGS.iter().map(|s| s.key).filter(|key| !tested.contains(key)).collect();
    assert_eq!(missing, ["blobs.kind"]);
}

#[test]
fn the_kind_of_blob_store_follows_the_same_precedence() {
    let with_flag = |kind: &str| Flags { blobs_kind: Some(kind.into()), ..Flags::default() };
    let place = Place::with_file("[blobs]\nkind = \"s3\"\n").with_variable("KEYWARD_BLOBS_KIND", "folder");
    assert!(matches!(place.load(Flags::default()).unwrap().blobs, Blobs::Folder(_)));
    assert_eq!(
        place.refusal(with_flag("s3")),
        "packages are to be stored in S3, but `blobs.bucket` is not set"
    );
    let place = Place::with_file("[blobs]\nkind = \"folder\"\n").with_variable("KEYWARD_BLOBS_KIND", "s3");
    assert!(matches!(place.load(with_flag("folder")).unwrap().blobs, Blobs::Folder(_)));
    assert!(place.load(Flags::default()).is_err());
}
