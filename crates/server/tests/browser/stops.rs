//! Where the walk goes: every page, in every state that looks different.

use crate::{browser::Browser, scene::Scene};

/// Who looks at a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The operator of a server without an account.
    Operator,
    /// Somebody who is not signed in.
    Stranger,
    /// Alice, signed in.
    Member,
}

/// A page to look at.
pub(crate) struct Stop {
    /// The route that it belongs to.
    pub(crate) route: &'static str,
    /// What its pictures are called.
    pub(crate) name: &'static str,
    pub(crate) who: Who,
    /// Its address.
    pub(crate) path: fn(&Scene) -> String,
    /// What to do there before looking.
    pub(crate) steps: &'static [Step],
    /// Whether what comes is a refusal, which the browser notes.
    pub(crate) refused: bool,
}

/// Something that a person does on a page.
pub(crate) enum Step {
    Fill(&'static str, &'static str),
    Tick(&'static str),
    Press(&'static str),
}
use Step::{Fill, Press, Tick};

impl Step {
    pub(crate) async fn take(&self, browser: &Browser<'_>) {
        match self {
            Fill(label, text) => browser.fill(label, text).await,
            Tick(label) => browser.tick(label).await,
            Press(name) => browser.press(name).await,
        }
    }
}

/// A page that has one address.
const fn stop(who: Who, route: &'static str, name: &'static str, path: fn(&Scene) -> String) -> Stop {
    Stop { route, name, who, path, steps: &[], refused: false }
}

impl Stop {
    /// The page after these steps.
    const fn after(self, steps: &'static [Step]) -> Self {
        Self { steps, ..self }
    }

    /// The page says no.
    const fn refused(self) -> Self {
        Self { refused: true, ..self }
    }
}

use Who::{Member, Operator, Stranger};

/// All of them. A page of the route table that is not here fails `every_page_is_on_the_walk`.
pub(crate) static ALL: &[Stop] = &[
    stop(Operator, "/setup", "setup", Scene::setup),
    stop(Operator, "/setup", "setup-refused", Scene::setup)
        .after(&[
            Fill("Name", "1x"),
            Fill("Mail address", "root@example.com"),
            Fill("Password", "1234567890"),
            Press("Make the account"),
        ])
        .refused(),
    stop(Operator, "/gems", "gems-none-yet", |_| "/gems".into()),
    stop(Stranger, "/", "home", |_| "/".into()),
    stop(Stranger, "/gems", "gems", |_| "/gems".into()),
    stop(Stranger, "/gems", "gems-not-found", |_| "/gems?query=nothing".into()),
    stop(Stranger, "/gems/{name}", "gem", |_| "/gems/hola".into()),
    stop(Stranger, "/gems/{name}", "gem-long-name", |_| format!("/gems/{}", crate::scene::LONG_NAME)),
    stop(Stranger, "/gems/{name}", "not-found", |_| "/gems/nothing".into()).refused(),
    stop(Stranger, "/gems/{name}/versions/{number}", "version", |_| "/gems/hola/versions/1.2.0".into()),
    stop(Stranger, "/gems/{name}/versions/{number}", "version-withdrawn", |_| {
        "/gems/hola/versions/1.0.0".into()
    }),
    stop(Stranger, "/sign_in", "sign-in", |_| "/sign_in".into()),
    stop(Stranger, "/sign_in", "sign-in-refused", |_| "/sign_in".into())
        .after(&[Fill("Name or mail address", "alice"), Fill("Password", "not it"), Press("Sign in")])
        .refused(),
    stop(Stranger, "/owners/confirm/{token}", "invitation", |scene| scene.link("/owners/confirm/")),
    stop(Stranger, "/sign_up", "sign-up", |_| "/sign_up".into()),
    stop(Stranger, "/sign_up", "sign-up-refused", |_| "/sign_up".into())
        .after(&[
            Fill("Name", "1x"),
            Fill("Mail address", "frank@example.com"),
            Fill("Password", "1234567890"),
            Press("Make the account"),
        ])
        .refused(),
    stop(Stranger, "/sign_up", "sign-up-done", |_| "/sign_up".into()).after(&[
        Fill("Name", "frank"),
        Fill("Mail address", "frank@example.com"),
        Fill("Password", "correct horse battery staple"),
        Press("Make the account"),
    ]),
    stop(Stranger, "/sign_up/{token}", "sign-up-invited", |scene| scene.link("/sign_up/")),
    stop(Stranger, "/email/confirm/{token}", "email-confirm", |scene| scene.link("/email/confirm/")),
    stop(Stranger, "/password/forgotten", "password-forgotten", |_| "/password/forgotten".into()),
    stop(Stranger, "/password/reset/{token}", "password-reset", |scene| scene.link("/password/reset/")),
    stop(Stranger, "/keys", "keys-none-unconfirmed", |_| "/sign_in".into()).after(&[
        Fill("Name or mail address", "dave"),
        Fill("Password", "correct horse battery staple"),
        Press("Sign in"),
    ]),
    stop(Member, "/", "home-member", |_| "/".into()),
    stop(Member, "/gems/{name}", "gem-own", |_| "/gems/hola".into()),
    stop(Member, "/gems/{name}/versions/{number}", "version-own", |_| "/gems/hola/versions/1.2.0".into()),
    stop(Member, "/gems/{name}/versions/{number}/withdraw", "version-withdraw", |_| {
        "/gems/hola/versions/1.2.0/withdraw".into()
    }),
    stop(Member, "/gems/{name}/events", "gem-events", |_| "/gems/hola/events".into()),
    stop(Member, "/gems/{name}/owners", "owners", |_| "/gems/hola/owners".into()),
    stop(Member, "/gems/{name}/owners", "owners-refused", |_| "/gems/hola/owners".into())
        .after(&[Fill("Name or mail address of an account", "nobody"), Press("Send the invitation")])
        .refused(),
    stop(Member, "/gems/{name}/owners/remove", "owner-remove", |_| {
        "/gems/hola/owners/remove?login=carol".into()
    }),
    stop(Member, "/packages", "packages", |_| "/packages".into()),
    stop(Member, "/sessions", "sessions", |_| "/sessions".into()),
    stop(Member, "/settings", "settings", |_| "/settings".into()),
    stop(Member, "/settings/mails", "settings-mails", |_| "/settings/mails".into()),
    stop(Member, "/settings/delete", "settings-delete", |_| "/settings/delete".into()),
    stop(Member, "/admin/accounts", "admin-accounts", |_| "/admin/accounts".into()),
    stop(Member, "/verify", "verify", |_| "/verify".into()),
    stop(Member, "/events", "events", |_| "/events".into()),
    stop(Member, "/keys", "keys", |_| "/keys".into()),
    stop(Member, "/keys", "keys-nuget", |_| "/keys?ecosystem=nuget".into()),
    stop(Member, "/keys", "keys-earlier", |_| "/keys?earlier=1".into()),
    stop(Member, "/keys/new", "key-choose", |_| "/keys/new".into()),
    stop(Member, "/keys/new/{ecosystem}", "key-new-rubygems", |_| "/keys/new/rubygems".into()),
    stop(Member, "/keys/new/{ecosystem}", "key-new-nuget", |_| "/keys/new/nuget".into()),
    stop(Member, "/keys/new/{ecosystem}", "key-new-powershell", |_| "/keys/new/powershell".into()),
    stop(Member, "/keys/new/{ecosystem}", "key-new-refused", |_| "/keys/new/rubygems".into())
        .after(&[Fill("Name", "ci"), Press("Make the key")])
        .refused(),
    stop(Member, "/keys/new/{ecosystem}", "key-made-rubygems", |_| "/keys/new/rubygems".into()).after(&[
        Fill("Name", "ci"),
        Tick("push_rubygem"),
        Press("Make the key"),
    ]),
    stop(Member, "/keys/new/{ecosystem}", "key-made-nuget", |_| "/keys/new/nuget".into()).after(&[
        Fill("Name", "ci"),
        Tick("package:push"),
        Fill("Glob patterns", "Fabrikam.*"),
        Press("Make the key"),
    ]),
    stop(Member, "/keys/{id}", "key-edit-rubygems", |scene| format!("/keys/{}", scene.key("laptop"))),
    stop(Member, "/keys/{id}", "key-edit-nuget", |scene| format!("/keys/{}", scene.key("Nightly build"))),
    stop(Member, "/keys/{id}/delete", "key-delete", |scene| {
        format!("/keys/{}/delete", scene.key("hola releases"))
    }),
    stop(Member, "/keys/{id}/regenerate", "key-regenerate", |scene| {
        format!("/keys/{}/regenerate", scene.key("Modules"))
    }),
    stop(Member, "/keys/reset", "keys-reset", |_| "/keys/reset".into()),
];
