//! What clients download: the documents that they resolve gems from, and the gems.

mod answer;
mod artifacts;
mod indexes;
mod segments;

use http::Method;
use http_kit::{Access, Routes};

use crate::{RubyGems, index::SpecsList};

/// The routes of the read side.
pub(crate) fn routes() -> Routes<RubyGems> {
    let mut routes = Routes::default()
        .add(Method::GET, "/names", Access::Public, indexes::names)
        .add(Method::GET, "/versions", Access::Public, indexes::versions)
        .add(Method::GET, "/info/{name}", Access::Public, indexes::info)
        .add(Method::GET, "/quick/Marshal.4.8/{file}", Access::Public, artifacts::quick)
        .add(Method::GET, "/gems/{file}", Access::Public, artifacts::gem);
    for (path, list) in [
        ("/specs.4.8.gz", SpecsList::Released),
        ("/latest_specs.4.8.gz", SpecsList::Latest),
        ("/prerelease_specs.4.8.gz", SpecsList::Prerelease),
    ] {
        let specs = move |gems, asked| indexes::specs(gems, asked, list);
        routes = routes.add(Method::GET, path, Access::Public, specs);
    }
    routes
}
