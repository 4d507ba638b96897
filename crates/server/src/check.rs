//! Looking whether everything that is recorded is really there.

use crate::{Settings, open};

/// What a check found.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// What was looked at and is well.
    pub lines: Vec<String>,
    /// What is wrong.
    pub problems: Vec<String>,
}

/// Checks database, blob store, and every artifact against its digest.
pub async fn check(settings: &Settings) -> anyhow::Result<CheckReport> {
    let registry = open(settings).await?;
    let mut report = CheckReport::default();
    registry.check().await?;
    report.lines.push(format!("database: schema version {}, answers", store::SCHEMA_VERSION));
    let checked = registry.verify_artifacts(|problem| report.problems.push(problem)).await?;
    report.lines.push(format!("artifacts: {checked} read and compared with their digests"));
    Ok(report)
}
