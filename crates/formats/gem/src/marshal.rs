//! Ruby's Marshal format 4.8, as far as `RubyGems` clients read it.

use std::collections::HashMap;

/// The version of the format, at the beginning of every stream.
pub(crate) const HEADER: [u8; 2] = [4, 8];

/// Writes one stream of values. Symbols are numbered per stream, in order of first use.
pub(crate) struct Writer {
    bytes: Vec<u8>,
    symbols: HashMap<&'static str, usize>,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self { bytes: HEADER.to_vec(), symbols: HashMap::new() }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    pub(crate) fn nil(&mut self) {
        self.bytes.push(b'0');
    }

    pub(crate) fn boolean(&mut self, value: bool) {
        self.bytes.push(if value { b'T' } else { b'F' });
    }

    /// A small whole number; Ruby's own range for them is 31 bits.
    pub(crate) fn integer(&mut self, value: i32) {
        self.bytes.push(b'i');
        write_number(&mut self.bytes, value);
    }

    /// The beginning of an array; the caller writes its values next.
    pub(crate) fn array(&mut self, length: usize) {
        self.bytes.push(b'[');
        write_length(&mut self.bytes, length);
    }

    /// The beginning of a hash; the caller writes keys and values in turn.
    pub(crate) fn hash(&mut self, length: usize) {
        self.bytes.push(b'{');
        write_length(&mut self.bytes, length);
    }

    /// A string, marked as UTF-8.
    pub(crate) fn string(&mut self, text: &str) {
        self.bytes.extend(b"I\"");
        write_bytes(&mut self.bytes, text.as_bytes());
        self.variables(1);
        self.symbol("E");
        self.boolean(true);
    }

    /// The name of a time zone: a string marked as plain ASCII.
    pub(crate) fn zone(&mut self, name: &str) {
        self.bytes.extend(b"I\"");
        write_bytes(&mut self.bytes, name.as_bytes());
        self.variables(1);
        self.symbol("E");
        self.boolean(false);
    }

    pub(crate) fn optional_string(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.string(text),
            None => self.nil(),
        }
    }

    pub(crate) fn strings(&mut self, texts: &[String]) {
        self.array(texts.len());
        for text in texts {
            self.string(text);
        }
    }

    pub(crate) fn symbol(&mut self, name: &'static str) {
        let next = self.symbols.len();
        if let Some(index) = self.symbols.get(name) {
            self.bytes.push(b';');
            write_length(&mut self.bytes, *index);
        } else {
            self.symbols.insert(name, next);
            self.bytes.push(b':');
            write_bytes(&mut self.bytes, name.as_bytes());
        }
    }

    /// The beginning of an object that loads itself from the one value that the caller writes next.
    pub(crate) fn user_object(&mut self, class: &'static str) {
        self.bytes.push(b'U');
        self.symbol(class);
    }

    /// The beginning of a plain object; the caller writes names and values of its variables in turn.
    pub(crate) fn object(&mut self, class: &'static str, variables: usize) {
        self.bytes.push(b'o');
        self.symbol(class);
        self.variables(variables);
    }

    /// An object that loads itself from bytes.
    pub(crate) fn dumped(&mut self, class: &'static str, payload: &[u8]) {
        self.bytes.push(b'u');
        self.symbol(class);
        write_bytes(&mut self.bytes, payload);
    }

    /// Says that the next dumped object has variables behind it.
    pub(crate) fn with_variables(&mut self) {
        self.bytes.push(b'I');
    }

    pub(crate) fn variables(&mut self, count: usize) {
        write_length(&mut self.bytes, count);
    }
}

/// A length and that many bytes.
pub(crate) fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_length(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// A count. Nothing we write is as long as two gibibytes.
pub(crate) fn write_length(out: &mut Vec<u8>, length: usize) {
    write_number(out, i32::try_from(length).expect("texts and lists are bounded when they are read"));
}

/// The variable-length number: one byte if small, else how many bytes follow, least significant first.
pub(crate) fn write_number(out: &mut Vec<u8>, number: i32) {
    let bytes = number.to_le_bytes();
    match number {
        0 => out.push(0),
        1..=122 => out.push(bytes[0] + 5),
        -123..=-1 => out.push(bytes[0].wrapping_sub(5)),
        _ => {
            let filler = if number < 0 { 0xff } else { 0 };
            let used = 4 - bytes.iter().rev().take_while(|byte| **byte == filler).count();
            let count = u8::try_from(used.max(1)).expect("four at most");
            out.push(if number < 0 { count.wrapping_neg() } else { count });
            out.extend_from_slice(&bytes[..usize::from(count)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `Marshal.dump` of Ruby 3.1 writes them.
    const NUMBERS: [(i32, &str); 19] = [
        (0, "00"),
        (1, "06"),
        (122, "7f"),
        (123, "017b"),
        (255, "01ff"),
        (256, "020001"),
        (65_535, "02ffff"),
        (65_536, "03000001"),
        (16_777_215, "03ffffff"),
        (16_777_216, "0400000001"),
        (1_073_741_823, "04ffffff3f"),
        (-1, "fa"),
        (-123, "80"),
        (-124, "ff84"),
        (-256, "ff00"),
        (-257, "fefffe"),
        (-65_536, "fe0000"),
        (-65_537, "fdfffffe"),
        (-1_073_741_824, "fc000000c0"),
    ];

    #[test]
    fn numbers_are_written_as_ruby_writes_them() {
        for (number, hex) in NUMBERS {
            let mut out = Vec::new();
            write_number(&mut out, number);
            assert_eq!(hex::encode(out), hex, "{number}");
        }
    }

    #[test]
    fn a_symbol_is_written_in_full_once_and_then_by_its_number() {
        let mut out = Writer::new();
        for symbol in ["a", "b", "a", "b"] {
            out.symbol(symbol);
        }
        assert_eq!(out.finish(), b"\x04\x08:\x06a:\x06b;\x00;\x06");
    }
}
