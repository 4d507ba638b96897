//! How mails leave, and how they look.

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use domain::Clock;
use mail::{Letter, Mailer, Sender};

use crate::{Settings, StartError, open};

/// The way of mails that the operator chose, and what it is called.
pub(crate) fn choose(
    settings: &Settings,
    base_url: &str,
    clock: Arc<dyn Clock>,
) -> Result<(Mailer, String), StartError> {
    let sender = settings.mail.from.clone().unwrap_or_else(|| Sender::of_host(host_of(base_url)));
    if let Some(smtp) = &settings.mail.smtp {
        return Ok((Mailer::by_smtp(smtp, sender, clock).map_err(StartError::Mail)?, smtp.to_string()));
    }
    let folder = settings.data.join("mail");
    open::make_folder(&folder)?;
    let place = format!("files in {}", folder.display());
    Ok((Mailer::to_files(folder, sender, clock), place))
}

/// The host in an address, without scheme, port and path.
fn host_of(base_url: &str) -> &str {
    let rest = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    authority.rsplit_once(':').map_or(authority, |(host, _)| host)
}

/// Writes every message that Keyward sends, with data that could be, into a folder: each as a text file whose first line is the
/// subject, and as an HTML file. Returns how many messages there are.
pub fn preview_mails(folder: &Path) -> anyhow::Result<usize> {
    open::make_folder(folder)?;
    let samples = mail::samples();
    for sample in &samples {
        let letter = Letter::of(&*sample.message)?;
        write(folder, sample.name, "txt", &format!("Subject: {}\n\n{}\n", letter.subject, letter.text))?;
        write(folder, sample.name, "html", &letter.html)?;
    }
    Ok(samples.len())
}

fn write(folder: &Path, name: &str, extension: &str, text: &str) -> anyhow::Result<()> {
    let file = folder.join(format!("{name}.{extension}"));
    std::fs::write(&file, text).with_context(|| format!("the file {} cannot be written", file.display()))
}
