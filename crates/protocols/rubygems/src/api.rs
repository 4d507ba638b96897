//! The API that the clients write with, and the documents about gems that programs read.

mod answer;
mod api_keys;
mod dependencies;
mod downloads;
mod gems;
mod owners;
mod payload;
mod profiles;
mod push;
mod root;
mod search;
mod versions;
mod yank;

use domain::Action;
use http::Method;
use http_kit::{Access, Routes};

pub(crate) use root::nothing;

use crate::RubyGems;

/// A push may be of a new name or of a new version.
const PUBLISH: Access = Access::Key(&[Action::PublishNew, Action::PublishVersion]);
const LIST_OWN: Access = Access::Key(&[Action::ListOwn]);
const WITHDRAW: Access = Access::Key(&[Action::Withdraw]);
const ADD_OWNER: Access = Access::Key(&[Action::AddOwner]);
const UPDATE_OWNER: Access = Access::Key(&[Action::UpdateOwner]);
const REMOVE_OWNER: Access = Access::Key(&[Action::RemoveOwner]);

/// The routes of the API.
pub(crate) fn routes() -> Routes<RubyGems> {
    keys().merge(write()).merge(read())
}

fn keys() -> Routes<RubyGems> {
    let mut routes = Routes::default();
    for path in ["/api/v1/api_key", "/api/v1/api_key.json", "/api/v1/api_key.yaml"] {
        routes = routes
            .add(Method::GET, path, Access::Password, api_keys::legacy)
            .add(Method::POST, path, Access::Password, api_keys::create)
            .add(Method::PUT, path, Access::Password, api_keys::update)
            .add(Method::PATCH, path, Access::Password, api_keys::update);
    }
    routes
}

fn write() -> Routes<RubyGems> {
    Routes::default()
        .add_upload(Method::POST, "/api/v1/gems", PUBLISH, push::push)
        .add(Method::DELETE, "/api/v1/gems/yank", WITHDRAW, yank::yank)
        .add(Method::PUT, "/api/v1/gems/unyank", Access::Public, root::retired)
        .add(Method::PUT, "/api/v1/api_key/reset", Access::Public, root::retired)
        .add(Method::GET, "/api/v1/gems/{name}/owners", Access::Public, owners::list)
        .add(Method::GET, "/api/v1/gems/{name}/owners.json", Access::Public, owners::list)
        .add(Method::GET, "/api/v1/gems/{name}/owners.yaml", Access::Public, owners::list)
        .add(Method::POST, "/api/v1/gems/{name}/owners", ADD_OWNER, owners::add)
        .add(Method::DELETE, "/api/v1/gems/{name}/owners", REMOVE_OWNER, owners::remove)
        .add(Method::PUT, "/api/v1/gems/{name}/owners", UPDATE_OWNER, owners::update)
        .add(Method::PATCH, "/api/v1/gems/{name}/owners", UPDATE_OWNER, owners::update)
}

fn read() -> Routes<RubyGems> {
    let mut routes = Routes::default();
    for path in ["/api/v1/gems", "/api/v1/gems.json", "/api/v1/gems.yaml"] {
        routes = routes.add(Method::GET, path, LIST_OWN, gems::own);
    }
    for path in ["/api/v1/profile/me", "/api/v1/profile/me.json", "/api/v1/profile/me.yaml"] {
        routes = routes.add(Method::GET, path, Access::Password, profiles::me);
    }
    for path in ["/api/v1/search", "/api/v1/search.json", "/api/v1/search.yaml"] {
        routes = routes.add(Method::GET, path, Access::Public, search::search);
    }
    for path in ["/api/v1/downloads", "/api/v1/downloads.json", "/api/v1/downloads.yaml"] {
        routes = routes.add(Method::GET, path, Access::Public, downloads::total);
    }
    for path in ["/api/v1/dependencies", "/api/v1/dependencies.json"] {
        routes = routes.add(Method::GET, path, Access::Public, dependencies::gone);
    }
    routes
        .add(Method::GET, "/", Access::Public, root::probe)
        .add(Method::GET, "/sign_up", Access::Public, root::sign_up)
        .add(Method::GET, "/api/v1/gems/{name}", Access::Public, gems::show)
        .add(Method::OPTIONS, "/api/v1/gems/{name}", Access::Public, gems::preflight)
        .add(Method::GET, "/api/v1/owners/{handle}/{gems}", Access::Public, gems::of_owner)
        .add(Method::GET, "/api/v1/profiles/{handle}", Access::Public, profiles::show)
        .add(Method::GET, "/api/v1/versions/{name}", Access::Public, versions::list)
        .add(Method::GET, "/api/v1/versions/{name}/latest.json", Access::Public, versions::latest)
        .add(Method::GET, "/api/v2/rubygems/{name}/versions/{number}", Access::Public, versions::show)
        .add(Method::GET, "/api/v1/downloads/{full_name}", Access::Public, downloads::of_release)
        .add(Method::GET, "/api/v1/search/autocomplete", Access::Public, search::autocomplete)
        .add(Method::GET, "/api/v1/api_key/check", Access::Key(Action::ALL), api_keys::check)
}
