//! Every message as it reaches people.

use mail::Letter;

#[test]
fn every_message_reads_as_it_should() {
    for sample in mail::samples() {
        let subject = sample.message.subject().unwrap();
        let (text, html) = (sample.message.text().unwrap(), sample.message.html().unwrap());
        insta::assert_snapshot!(sample.name, format!("Subject: {subject}\n\n{text}\n\n{html}\n"));
    }
}

#[test]
fn the_page_around_a_message_is_the_same_for_all() {
    let samples = mail::samples();
    let around = |sample: &mail::Sample| {
        let letter = Letter::of(&*sample.message).unwrap();
        let body = sample.message.html().unwrap();
        assert!(letter.html.contains(&body), "{} is whole within its page", sample.name);
        let subject = letter.html.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
        letter.html.replace(&body, "BODY").replace(subject, "SUBJECT")
    };
    let page = around(&samples[0]);
    insta::assert_snapshot!(page);
    for sample in &samples {
        assert_eq!(around(sample), page, "{}", sample.name);
    }
}

#[test]
fn every_message_has_a_name_of_its_own_and_greets_somebody() {
    let samples = mail::samples();
    for sample in &samples {
        assert_eq!(samples.iter().filter(|other| other.name == sample.name).count(), 1, "{}", sample.name);
        let letter = Letter::of(&*sample.message).unwrap();
        assert!(letter.text.starts_with("Hello") && !letter.subject.is_empty(), "{}", sample.name);
        assert!(letter.text.contains("https://keyward.example.com"), "{} leads somewhere", sample.name);
    }
}
