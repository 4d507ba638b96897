//! The places a value may come from, in their order of precedence.

use std::path::{Path, PathBuf};

use super::{ConfigError, Flags, Origin, Setting, Shape, file::File};

/// The file that is read when it exists and none is named.
const DEFAULT_FILE: &str = "./keyward.toml";

/// The most items of a list: some lists are walked at each request.
const MOST_ITEMS: usize = 1000;

/// Flags, environment variables and the file.
pub(super) struct Layers<'a> {
    flags: &'a Flags,
    environment: &'a dyn Fn(&str) -> Option<String>,
    file: File,
}

/// A value as it was written, and where.
struct Found {
    setting: &'static Setting,
    words: Vec<String>,
    origin: Origin,
}

impl<'a> Layers<'a> {
    /// Finds and reads the configuration file, if there is one.
    pub(super) fn open(
        flags: &'a Flags,
        environment: &'a dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let named = flags
            .config
            .clone()
            .or_else(|| environment("KEYWARD_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from));
        let file = match named {
            Some(path) => File::open(&path)?,
            None if Path::new(DEFAULT_FILE).exists() => File::open(Path::new(DEFAULT_FILE))?,
            None => File::default(),
        };
        Ok(Self { flags, environment, file })
    }

    /// Returns the value of a setting, or `None` when it is set nowhere. `parse` says what it must be, as the end of a sentence.
    pub(super) fn value<T>(
        &self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(found) = self.find(key) else { return Ok(None) };
        let word = found.words.first().expect("only lists can have no items");
        parse(word).map(Some).map_err(|expected| found.refused(word, expected))
    }

    /// Returns the items of a list, or `None` when it is set nowhere.
    pub(super) fn list<T>(
        &self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<Vec<T>>, ConfigError> {
        let Some(found) = self.find(key) else { return Ok(None) };
        if found.words.len() > MOST_ITEMS {
            return Err(ConfigError::TooManyItems { origin: found.origin, limit: MOST_ITEMS });
        }
        let items =
            found.words.iter().map(|word| parse(word).map_err(|expected| found.refused(word, expected)));
        items.collect::<Result<_, _>>().map(Some)
    }

    /// Returns where the value of a setting comes from, or `None` when it is set nowhere.
    pub(super) fn origin(&self, key: &str) -> Option<Origin> {
        self.find(key).map(|found| found.origin)
    }

    fn find(&self, key: &str) -> Option<Found> {
        let setting = Setting::find(key).expect("every key that is asked for stands among the settings");
        if let Some(text) = self.flags.get(key) {
            return Some(Found { setting, words: split(setting, text), origin: Origin::Flag(setting.flag) });
        }
        // `VARIABLE= keyward` is how a shell unsets a variable for one command: the file decides then.
        if let Some(text) = (self.environment)(setting.variable).filter(|text| !text.is_empty()) {
            let origin = Origin::Variable(setting.variable);
            return Some(Found { setting, words: split(setting, &text), origin });
        }
        let (words, origin) = self.file.get(key)?;
        Some(Found { setting, words: words.clone(), origin: origin.clone() })
    }
}

/// Takes apart what a flag or a variable has: lists at their commas.
fn split(setting: &Setting, text: &str) -> Vec<String> {
    match setting.shape {
        Shape::List => {
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
        }
        Shape::Text | Shape::Number | Shape::Switch => vec![text.to_owned()],
    }
}

impl Found {
    fn refused(&self, word: &str, expected: String) -> ConfigError {
        let origin = self.origin.clone();
        if self.setting.secret {
            ConfigError::HiddenValue { origin, expected }
        } else {
            ConfigError::Value { origin, value: word.to_owned(), expected }
        }
    }
}
