use domain::Timestamp;
use uuid::Uuid;

/// The name of a blob: the SHA-256 of its bytes, so that it can be checked by itself, and an id of the upload, so that deleting
/// what a failed upload left can never touch the same bytes of another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlobName(String);

impl BlobName {
    /// A new name for bytes with this digest.
    pub fn new(sha256: &[u8; 32], now: Timestamp) -> Self {
        let digest = hex::encode(sha256);
        let upload = domain::EventId::new(now).as_uuid();
        Self(format!("{}/{}/{digest}-{}", &digest[..2], &digest[2..4], Uuid::simple(upload)))
    }

    /// A name read back from a record.
    pub fn stored(name: String) -> Self {
        Self(name)
    }

    /// The text of the name: a relative path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
