//! What an attack cost, beside what it may cost.

use std::time::Duration;

/// A measured number and the largest one that is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) what: &'static str,
    /// The number.
    pub(crate) value: u64,
    /// The largest number that is allowed.
    pub(crate) bound: u64,
    /// The unit of both.
    pub(crate) unit: &'static str,
}

impl Figure {
    /// An amount of memory or of bytes sent, in MiB, begun ones counted whole.
    pub(crate) fn mebibytes(what: &'static str, bytes: u64, bound: u64) -> Self {
        Self { what, value: bytes.div_ceil(1024 * 1024), bound, unit: "MiB" }
    }

    /// A time, in milliseconds.
    pub(crate) fn time(what: &'static str, time: Duration, bound: Duration) -> Self {
        Self { what, value: milliseconds(time), bound: milliseconds(bound), unit: "ms" }
    }

    /// Whether the number is allowed.
    pub(crate) fn holds(&self) -> bool {
        self.value <= self.bound
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// One attack: all its figures.
#[derive(Debug)]
pub(crate) struct Row {
    /// The name of the attack.
    pub(crate) name: String,
    /// How long it took, in all.
    pub(crate) took: Duration,
    /// What was measured.
    pub(crate) figures: Vec<Figure>,
    /// Why it could not be carried out, or what else went wrong.
    pub(crate) problem: Option<String>,
}

impl Row {
    /// Whether each figure is within its bound and nothing else went wrong.
    pub(crate) fn holds(&self) -> bool {
        self.problem.is_none() && self.figures.iter().all(Figure::holds)
    }

    /// What is said as soon as the attack is over.
    pub(crate) fn progress(&self) -> String {
        format!(
            "{} {} ({:.1} s)",
            if self.holds() { "held  " } else { "BROKEN" },
            self.name,
            self.took.as_secs_f64()
        )
    }
}

/// The figures that every attack has: the columns of the table.
const COLUMNS: [&str; 5] = ["peak", "idle", "/healthz", "page", "key"];

/// Returns the lines of the table: each number before its bound, and what is broken once more at the end.
pub(crate) fn table(rows: &[Row]) -> Vec<String> {
    let mut lines = vec![head()];
    lines.extend(rows.iter().map(line));
    lines.push("MiB and ms, each before its bound. /healthz, page, key: the longest that others waited for a good answer.".to_owned());
    lines.extend(rows.iter().flat_map(broken));
    lines
}

fn head() -> String {
    let cells = COLUMNS.map(|column| format!("{column:>16}")).concat();
    format!("{:<34}{:>7}{cells}  further", "attack", "s")
}

fn line(row: &Row) -> String {
    let find = |column: &str| row.figures.iter().find(|figure| figure.what == column);
    let cells: String =
        COLUMNS.map(|column| format!("{:>16}", find(column).map(cell).unwrap_or_default())).concat();
    let further = row.figures.iter().filter(|figure| !COLUMNS.contains(&figure.what));
    let further: Vec<_> =
        further.map(|figure| format!("  {}: {} {}", figure.what, cell(figure), figure.unit)).collect();
    let further = further.concat();
    format!("{:<34}{:>7.1}{cells}{further}", row.name, row.took.as_secs_f64()).trim_end().to_owned()
}

fn cell(figure: &Figure) -> String {
    let mark = if figure.holds() { "" } else { "!" };
    format!("{mark}{}/{}", figure.value, figure.bound)
}

fn broken(row: &Row) -> Vec<String> {
    let figures = row.figures.iter().filter(|figure| !figure.holds());
    let mut lines: Vec<_> = figures
        .map(|Figure { what, value, bound, unit }| {
            format!("BROKEN  {}: {what} {value} {unit}, at most {bound} {unit}", row.name)
        })
        .collect();
    lines.extend(row.problem.iter().map(|problem| format!("BROKEN  {}: {problem}", row.name)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(peak: u64) -> Row {
        let figures = vec![
            Figure::mebibytes("peak", peak * 1024 * 1024, 300),
            Figure::time("answer", Duration::from_millis(70), Duration::from_secs(1)),
        ];
        Row { name: "cancelled sign-ins".to_owned(), took: Duration::from_secs(2), figures, problem: None }
    }

    #[test]
    fn a_number_may_be_as_large_as_its_bound_and_no_larger() {
        assert!(row(300).holds());
        assert!(!row(301).holds());
        assert!(!Row { problem: Some("refused".to_owned()), ..row(1) }.holds());
    }

    #[test]
    fn the_table_shows_each_number_with_its_bound_and_names_what_is_broken() {
        let lines = table(&[row(2300)]);
        assert!(lines[1].contains("!2300/300") && lines[1].ends_with("answer: 70/1000 ms"), "{lines:?}");
        assert_eq!(lines[3], "BROKEN  cancelled sign-ins: peak 2300 MiB, at most 300 MiB");
        assert_eq!(table(&[row(300)]).len(), 3);
    }
}
