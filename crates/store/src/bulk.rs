//! Keys in great numbers, for measuring.

use std::fmt::Write as _;

use domain::{KeyDigest, KeyId, Timestamp};

use crate::{Result, Store, sql::sql};

/// Makes a copy of a key for each digest, all in one transaction: fast enough for millions.
pub async fn copy_key(store: &Store, key: KeyId, digests: &[KeyDigest], now: Timestamp) -> Result<()> {
    let copies: Vec<_> =
        digests.iter().map(|digest| serde_json::json!([KeyId::new(now), hex(digest.as_bytes())])).collect();
    let copies = serde_json::Value::Array(copies).to_string();
    #[expect(clippy::disallowed_methods, reason = "the records themselves, not a change that somebody makes")]
    let mut db = store.begin().await?;
    sql!(
        sqlite: "INSERT INTO keys (id, account_id, ecosystem, kind, name, digest, scopes, expires_at, lifetime_days, \
                 otp_required, created_at) \
                 SELECT unhex(copy.value ->> 0, '-'), account_id, ecosystem, kind, name, unhex(copy.value ->> 1), scopes, \
                 expires_at, lifetime_days, otp_required, created_at FROM keys, json_each($2) copy WHERE keys.id = $1",
        postgres: "INSERT INTO keys (id, account_id, ecosystem, kind, name, digest, scopes, expires_at, lifetime_days, \
                 otp_required, created_at) \
                 SELECT CAST(copy.value ->> 0 AS UUID), account_id, ecosystem, kind, name, decode(copy.value ->> 1, 'hex'), \
                 scopes, expires_at, lifetime_days, otp_required, created_at \
                 FROM keys, json_array_elements(CAST($2 AS JSON)) copy WHERE keys.id = $1",
    )
    .bind(key)
    .bind(copies.clone())
    .execute(db.on())
    .await?;
    sql!(
        sqlite: "INSERT INTO grants (key_id, position, selector, pattern, ownership_id) \
                 SELECT unhex(copy.value ->> 0, '-'), position, selector, pattern, ownership_id \
                 FROM grants, json_each($2) copy WHERE key_id = $1",
        postgres: "INSERT INTO grants (key_id, position, selector, pattern, ownership_id) \
                 SELECT CAST(copy.value ->> 0 AS UUID), position, selector, pattern, ownership_id \
                 FROM grants, json_array_elements(CAST($2 AS JSON)) copy WHERE key_id = $1",
    )
    .bind(key)
    .bind(copies)
    .execute(db.on())
    .await?;
    db.commit().await
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
