//! The rules of the three ecosystems, row by row.

mod changes;
#[path = "../common/mod.rs"]
mod common;
mod life;
mod packages;
mod problems;
mod words;

use common::{name, now};
use domain::{
    Ecosystem, Expiry, KeyDraft, KeyProblem, KeyProblems, KeyRequest, NamePattern, OwnershipId, Profile,
    Selection, Timestamp,
};
use uuid::Uuid;

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn request(words: &[&str], selection: Selection, expiry: Expiry) -> KeyRequest {
    let words = words.iter().map(|&word| word.to_owned()).collect();
    KeyRequest { name: "ci".to_owned(), words, selection, expiry, otp_required: false }
}

fn draft(ecosystem: Ecosystem, request: KeyRequest) -> Result<KeyDraft, Vec<KeyProblem>> {
    Profile::of(ecosystem).draft(request, now()).map_err(listed)
}

fn listed(problems: KeyProblems) -> Vec<KeyProblem> {
    problems.into_iter().collect()
}

fn push_word(ecosystem: Ecosystem) -> &'static str {
    if ecosystem == Ecosystem::RubyGems { "push_rubygem" } else { "package:push" }
}

fn owned(ecosystem: Ecosystem, package: &str) -> Selection {
    let ownership = OwnershipId::from_uuid(Uuid::from_u128(7));
    Selection::Owned { ownership, package: name(ecosystem, package) }
}

fn patterns(ecosystem: Ecosystem, texts: &[&str]) -> Selection {
    let parse = |text: &&str| NamePattern::parse(ecosystem, text).expect("a valid pattern");
    Selection::Patterns(texts.iter().map(parse).collect())
}

fn words_of(draft: &KeyDraft) -> Vec<&'static str> {
    draft.words.iter().map(|word| word.word).collect()
}
