//! What the README says to type.

use std::process::Command;

use serde_json::Value;

/// `cargo run` starts the server: there is no other executable among the packages that it looks at.
#[test]
fn cargo_run_finds_one_executable() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let workspace: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let defaults = workspace["workspace_default_members"].as_array().expect("a list");
    let executables: Vec<_> = workspace["packages"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|package| defaults.contains(&package["id"]))
        .flat_map(|package| package["targets"].as_array().expect("a list"))
        .filter(|target| target["kind"] == serde_json::json!(["bin"]))
        .map(|target| target["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(executables, ["keyward"]);
}
