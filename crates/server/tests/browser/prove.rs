//! What a value that was seen or copied can do: asked of the registry itself, or through HTTP.

use std::net::{IpAddr, Ipv4Addr};

use domain::{Action, Ecosystem, PackageName};
use registry::{Caller, ClientAddress};
use reqwest::Method;
use testkit::{GemBuilder, TestApp, send};

/// Pushes a gem with a key; gives the status.
pub(crate) async fn push(app: &TestApp, key: &str, name: &str, version: &str) -> u16 {
    let request = app.request(Method::POST, "/rubygems/api/v1/gems").header("authorization", key);
    send(request.body(GemBuilder::new(name, version).build())).await.status.as_u16()
}

/// Yanks a version of a gem with a key; gives the status.
pub(crate) async fn yank(app: &TestApp, key: &str, name: &str, version: &str) -> u16 {
    let request = app
        .request(Method::DELETE, "/rubygems/api/v1/gems/yank")
        .header("authorization", key)
        .header("content-type", "application/x-www-form-urlencoded");
    send(request.body(format!("gem_name={name}&version={version}"))).await.status.as_u16()
}

async fn caller(app: &TestApp, ecosystem: Ecosystem, value: &str) -> Option<Caller> {
    let from = ClientAddress(IpAddr::V4(Ipv4Addr::LOCALHOST));
    app.registry().authenticate(value, ecosystem, from).await.ok()
}

/// Whether a value is that of a key which may do this on a package of that name, now.
pub(crate) async fn may(
    app: &TestApp,
    ecosystem: Ecosystem,
    value: &str,
    action: Action,
    package: &str,
) -> bool {
    let name = PackageName::parse(ecosystem, package).expect("a name");
    match caller(app, ecosystem, value).await {
        Some(caller) => app.registry().may_on(&caller, &[action], &name).await.is_ok(),
        None => false,
    }
}
