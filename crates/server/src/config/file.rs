//! The configuration file: its keys, with the lines on which they stand.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
};

use toml::de::{DeTable, DeValue};

use super::{ConfigError, Origin, Setting, Shape};

/// What a configuration file sets. Every key in it is a setting, and every value has the shape of that setting.
#[derive(Debug, Default)]
pub(super) struct File {
    values: BTreeMap<&'static str, (Vec<String>, Origin)>,
}

/// A file while it is read.
struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    file: File,
}

impl File {
    /// Reads a file that has to be there.
    pub(super) fn open(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| ConfigError::Unreadable { file: path.to_owned(), cause })?;
        Self::parse(&text, path)
    }

    /// Reads the text of a file.
    pub(super) fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let mut reader = Reader { path, text, file: Self::default() };
        let document = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
            file: path.to_owned(),
            line: reader.line(error.span().unwrap_or_default()),
            // Not the error's whole text: it quotes the line, and a secret may stand there.
            message: error.message().to_owned(),
        })?;
        reader.table("", document.get_ref())?;
        Ok(reader.file)
    }

    /// Returns what the file has for a setting.
    pub(super) fn get(&self, key: &str) -> Option<&(Vec<String>, Origin)> {
        self.values.get(key)
    }
}

impl Reader<'_> {
    /// Takes in the keys of a section, or of the top of the file.
    fn table(&mut self, section: &str, table: &DeTable<'_>) -> Result<(), ConfigError> {
        for (name, value) in table {
            let key = if section.is_empty() {
                name.get_ref().to_string()
            } else {
                format!("{section}.{name}", name = name.get_ref())
            };
            let line = self.line(name.span());
            match (value.get_ref(), Setting::find(&key)) {
                (DeValue::Table(table), None) if is_section(&key) => self.table(&key, table)?,
                (_, None) => return Err(ConfigError::UnknownKey { key, file: self.path.to_owned(), line }),
                (value, Some(setting)) => self.value(setting, line, value)?,
            }
        }
        Ok(())
    }

    fn value(
        &mut self,
        setting: &'static Setting,
        line: usize,
        value: &DeValue<'_>,
    ) -> Result<(), ConfigError> {
        let origin = Origin::File { key: setting.key.to_owned(), file: PathBuf::from(self.path), line };
        match words(setting.shape, value) {
            Some(words) => {
                self.file.values.insert(setting.key, (words, origin));
                Ok(())
            }
            None => Err(ConfigError::HiddenValue { origin, expected: expected(setting.shape).to_owned() }),
        }
    }

    /// The line of a place in the text, counted from 1.
    fn line(&self, place: Range<usize>) -> usize {
        let before = self.text.as_bytes().iter().take(place.start);
        before.filter(|byte| **byte == b'\n').count() + 1
    }
}

/// Whether settings have this word before their dot.
fn is_section(word: &str) -> bool {
    super::SETTINGS
        .iter()
        .any(|setting| setting.key.split_once('.').is_some_and(|(section, _)| section == word))
}

/// Returns the text of a value of this shape, as a flag would have it; a list has one for each of its items.
fn words(shape: Shape, value: &DeValue<'_>) -> Option<Vec<String>> {
    match (shape, value) {
        (Shape::Text, DeValue::String(text)) => Some(vec![text.to_string()]),
        (Shape::Switch, DeValue::Boolean(switch)) => Some(vec![switch.to_string()]),
        (Shape::Number, DeValue::Integer(number)) => {
            let number = i64::from_str_radix(number.as_str(), number.radix()).ok()?;
            Some(vec![number.to_string()])
        }
        (Shape::List, DeValue::Array(items)) => {
            items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
        }
        _ => None,
    }
}

fn expected(shape: Shape) -> &'static str {
    match shape {
        Shape::Text => "a string in quotation marks",
        Shape::Number => "a whole number",
        Shape::Switch => "`true` or `false`",
        Shape::List => "a list of strings, such as `[\"a\", \"b\"]`",
    }
}
