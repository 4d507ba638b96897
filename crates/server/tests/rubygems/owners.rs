//! `/api/v1/gems/NAME/owners`: who is one, who makes one.

use http::Method;
use testkit::{Answer, KeyHolder, TestApp, send};

use crate::support::{
    NO_SCOPE, OTHER_GEM, gem, invitation_link, make_owner, owners, owners_of, publish, says,
};

/// What is told of a gem that nobody has published.
const NO_GEM: &str = "This rubygem could not be found.";

/// What a key may do that is used to change owners.
const OWNER_SCOPES: [&str; 4] = ["push_rubygem", "add_owner", "update_owner", "remove_owner"];

async fn change(key: &KeyHolder<'_>, method: Method, fields: &[(&str, &str)]) -> Answer {
    key.form(method, &owners_of("hola"), fields).await
}

/// A gem of alice, and her key.
async fn gem_of_alice(app: &TestApp) -> KeyHolder<'_> {
    let key = app.person("alice").await.key(&OWNER_SCOPES).await;
    publish(&key, "hola", "1.0.0").await;
    key
}

#[tokio::test]
async fn owners_are_public_in_json_and_yaml_and_a_key_is_not_looked_at() {
    let app = TestApp::start().await;
    gem_of_alice(&app).await;
    let json = says(200, r#"[{"id":1,"handle":"alice","role":"owner"}]"#);
    assert_eq!(app.get(&owners_of("hola")).await.told(), json);
    assert_eq!(app.get("/rubygems/api/v1/gems/hola/owners.json").await.told(), json);
    let with_nonsense = app.request(Method::GET, &owners_of("hola")).header("authorization", "nonsense");
    assert_eq!(send(with_nonsense).await.told(), json);
    let yaml = app.get("/rubygems/api/v1/gems/hola/owners.yaml").await;
    assert_eq!(yaml.told(), says(200, "---\n- id: 1\n  handle: alice\n  role: owner\n"));
    assert_eq!(yaml.header("content-type"), Some("text/yaml; charset=utf-8"));
    assert_eq!(app.get(&owners_of("nada")).await.told(), says(404, NO_GEM));
    let in_json = app.get("/rubygems/api/v1/gems/nada/owners.json").await;
    assert_eq!(in_json.told(), says(404, format!("{{\"error\":\"{NO_GEM}\"}}")));
    let in_yaml = app.get("/rubygems/api/v1/gems/nada/owners.yaml").await;
    assert_eq!(in_yaml.told(), says(404, format!("---\nerror: \"{NO_GEM}\"\n")));
}

#[tokio::test]
async fn somebody_who_is_added_owns_the_gem_once_they_have_confirmed() {
    let app = TestApp::start().await;
    let key = gem_of_alice(&app).await;
    let bob = app.person("bob").await;
    let added = change(&key, Method::POST, &[("email", "bob")]).await;
    let told = "bob was added as an unconfirmed owner. Ownership access will be enabled after the user clicks on the \
                confirmation mail sent to their email.";
    assert_eq!(added.told(), says(200, told));
    assert_eq!(owners(&app, "hola").await, ["alice (owner)"]);
    let link = invitation_link(&app, "bob").await;
    assert_eq!(send(app.request(Method::POST, &link)).await.status, 200);
    assert_eq!(owners(&app, "hola").await, ["alice (owner)", "bob (owner)"]);
    publish(&bob.key(&["push_rubygem"]).await, "hola", "1.1.0").await;
}

#[tokio::test]
async fn people_are_found_by_handle_and_by_mail_address_in_any_letter_case() {
    let app = TestApp::start().await;
    let key = gem_of_alice(&app).await;
    for name in ["bob", "carol"] {
        app.person(name).await;
    }
    for login in ["BOB", "Carol@Example.com"] {
        assert_eq!(change(&key, Method::POST, &[("email", login)]).await.status, 200, "{login}");
    }
}

#[tokio::test]
async fn nobody_is_added_twice_and_nobody_who_does_not_exist() {
    let app = TestApp::start().await;
    let key = gem_of_alice(&app).await;
    app.person("bob").await;
    let add = async |login: &str| change(&key, Method::POST, &[("email", login)]).await.told();
    assert_eq!(add("alice").await, says(422, "User is already an owner of this gem"));
    assert_eq!(add("bob").await.0, 200);
    assert_eq!(add("bob").await, says(422, "User is already invited to this gem"));
    assert_eq!(add("nobody").await, says(404, "Owner could not be found."));
    assert_eq!(add("").await, says(400, r#"{"error":"Request is missing param 'email'"}"#));
    let role = change(&key, Method::POST, &[("email", "bob"), ("role", "king")]).await;
    assert_eq!(role.told(), says(422, "Role is not included in the list"));
    let gem = key.form(Method::POST, &owners_of("nada"), &[("email", "bob")]).await;
    assert_eq!(gem.told(), says(404, NO_GEM));
}

#[tokio::test]
async fn owners_and_invitations_are_removed() {
    let app = TestApp::start().await;
    let key = gem_of_alice(&app).await;
    for name in ["bob", "carol"] {
        app.person(name).await;
    }
    make_owner(&app, &key, "hola", "bob", "owner").await;
    assert_eq!(change(&key, Method::POST, &[("email", "carol")]).await.status, 200);
    for login in ["bob", "carol"] {
        let removed = change(&key, Method::DELETE, &[("email", login)]).await;
        assert_eq!(removed.told(), says(200, "Owner removed successfully."));
        let again = change(&key, Method::DELETE, &[("email", login)]).await;
        assert_eq!(again.told(), says(404, "Owner could not be found."));
    }
    assert_eq!(owners(&app, "hola").await, ["alice (owner)"]);
}

#[tokio::test]
async fn the_last_owner_stays_also_beside_a_maintainer_who_cannot_manage_the_gem() {
    let app = TestApp::start().await;
    let key = gem_of_alice(&app).await;
    app.person("bob").await;
    make_owner(&app, &key, "hola", "bob", "maintainer").await;
    let left = change(&key, Method::DELETE, &[("email", "alice")]).await;
    assert_eq!(left.told(), says(403, "Unable to remove owner."));
    assert_eq!(owners(&app, "hola").await, ["alice (owner)", "bob (maintainer)"]);
}

#[tokio::test]
async fn one_may_leave_but_the_last_owner_stays() {
    let app = TestApp::start().await;
    let key = gem_of_alice(&app).await;
    app.person("bob").await;
    let leave = async || change(&key, Method::DELETE, &[("email", "alice")]).await.told();
    assert_eq!(leave().await, says(403, "Unable to remove owner."));
    assert_eq!(change(&key, Method::POST, &[("email", "bob")]).await.status, 200);
    assert_eq!(leave().await, says(403, "Unable to remove owner."), "an invitation is no owner");
    let link = invitation_link(&app, "bob").await;
    assert_eq!(send(app.request(Method::POST, &link)).await.status, 200);
    assert_eq!(leave().await, says(200, "Owner removed successfully."));
    assert_eq!(owners(&app, "hola").await, ["bob (owner)"]);
    assert_eq!(key.push(gem("hola", "1.1.0")).await.status, 403);
}

#[tokio::test]
async fn roles_are_changed_by_others_only() {
    let app = TestApp::start().await;
    let key = gem_of_alice(&app).await;
    for name in ["bob", "carol"] {
        app.person(name).await;
    }
    make_owner(&app, &key, "hola", "bob", "owner").await;
    assert_eq!(change(&key, Method::POST, &[("email", "carol")]).await.status, 200);
    let set = async |method, login: &str, role: &str| {
        change(&key, method, &[("email", login), ("role", role)]).await.told()
    };
    assert_eq!(set(Method::PATCH, "bob", "maintainer").await, says(200, "Owner updated successfully."));
    assert_eq!(owners(&app, "hola").await, ["alice (owner)", "bob (maintainer)"]);
    assert_eq!(set(Method::PUT, "bob", "owner").await, says(200, "Owner updated successfully."));
    assert_eq!(set(Method::PUT, "alice", "maintainer").await, says(403, "Can't update your own Role"));
    assert_eq!(set(Method::PUT, "bob", "king").await, says(422, "Role is not included in the list"));
    assert_eq!(set(Method::PUT, "nobody", "owner").await, says(404, "Owner could not be found."));
    let unconfirmed = set(Method::PATCH, "carol", "maintainer").await;
    assert_eq!(unconfirmed, says(404, "Owner could not be found."), "an invitation has no role to change");
}

#[tokio::test]
async fn a_maintainer_manages_nobody() {
    let app = TestApp::start().await;
    let key = gem_of_alice(&app).await;
    let bob = app.person("bob").await;
    app.person("carol").await;
    make_owner(&app, &key, "hola", "bob", "maintainer").await;
    let maintainer = bob.key(&OWNER_SCOPES).await;
    publish(&maintainer, "hola", "1.1.0").await;
    let calls: [(Method, &[(&str, &str)]); 3] = [
        (Method::POST, &[("email", "carol")]),
        (Method::DELETE, &[("email", "alice")]),
        (Method::PATCH, &[("email", "alice"), ("role", "maintainer")]),
    ];
    for (method, fields) in calls {
        assert_eq!(change(&maintainer, method, fields).await.told(), says(403, "Forbidden"));
    }
    assert_eq!(owners(&app, "hola").await, ["alice (owner)", "bob (maintainer)"]);
}

#[tokio::test]
async fn each_change_of_owners_has_a_scope_of_its_own() {
    let app = TestApp::start().await;
    let key = gem_of_alice(&app).await;
    publish(&key, "adios", "1.0.0").await;
    let (alice, _) = (app.known_person("alice").await, app.person("bob").await);
    let fields = [("email", "bob"), ("role", "maintainer")];
    let scopes =
        [(Method::POST, "add_owner"), (Method::PUT, "update_owner"), (Method::DELETE, "remove_owner")];
    for (method, scope) in &scopes {
        let others: Vec<_> = OWNER_SCOPES.into_iter().filter(|other| other != scope).collect();
        let without = change(&alice.key(&others).await, method.clone(), &fields).await;
        assert_eq!(without.told(), says(403, NO_SCOPE), "{method}");
        let bound = alice.key_for_gem(&[scope], "adios").await;
        assert_eq!(change(&bound, method.clone(), &fields).await.told(), says(403, OTHER_GEM), "{method}");
    }
    for (method, scope) in &scopes {
        let answer = change(&alice.key_for_gem(&[scope], "hola").await, method.clone(), &fields).await;
        // Whoever was only invited has no role to change.
        let expected = if *scope == "update_owner" { 404 } else { 200 };
        assert_eq!(answer.status, expected, "{method}: {}", answer.text());
    }
}
