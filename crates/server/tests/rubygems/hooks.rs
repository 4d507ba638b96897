//! Hooks for conformance suites: there in builds with `test-hooks`, and in no other.

#[cfg(not(feature = "test-hooks"))]
mod without {
    use http::Method;
    use testkit::{TestApp, send};

    #[tokio::test]
    async fn there_are_no_hooks() {
        let app = TestApp::start().await;
        for path in
            ["/rubygems/set_time", "/rubygems/rebuild_versions_list", "/set_time", "/rebuild_versions_list"]
        {
            for method in [Method::POST, Method::GET] {
                let request = app.request(method.clone(), path).body("2030-01-01T00:00:00Z");
                assert_eq!(send(request).await.status, 404, "{method} {path}");
            }
        }
    }
}

#[cfg(feature = "test-hooks")]
mod with {
    use http::Method;
    use registry::{Author, KeySelection, NewKey, NewUser};
    use testkit::{Answer, TestApp, send};
    use tokio::sync::oneshot;

    use crate::support::{gem, keep_log, says};

    /// Serves as the program does, with the clock that the hooks set. Returns the address.
    async fn serve(app: &TestApp) -> std::net::SocketAddr {
        // The program starts a log of its own, where there is none yet.
        keep_log();
        let (told, listening) = oneshot::channel();
        let settings = app.settings.clone();
        tokio::spawn(server::serve(settings, |announcement| {
            let address = announcement.address.trim_start_matches("http://").parse().expect("an address");
            told.send(address).expect("somebody waits");
        }));
        listening.await.expect("the server listens")
    }

    async fn make_key(app: &TestApp) -> String {
        let registry = server::open(&app.settings).await.expect("the data can be opened");
        let user =
            NewUser { handle: "alice", email: "a@example.com", password: "a long password", is_admin: false };
        let id = registry.add_user(Author::Operator("tests"), &user).await.expect("the account can be made");
        let wanted = NewKey {
            name: "test".to_owned(),
            words: ["push_rubygem", "yank_rubygem"].map(str::to_owned).into(),
            selection: KeySelection::Any,
            expiry: domain::Expiry::Never,
            otp_required: false,
        };
        let issued =
            registry.issue_key(Author::Operator("tests"), id, domain::Ecosystem::RubyGems, wanted).await;
        issued.expect("the key can be made").value.expose().to_owned()
    }

    #[tokio::test]
    async fn the_clock_stands_where_it_was_set_and_the_list_is_written_anew() {
        let app = TestApp::start().await;
        let (address, key) = (serve(&app).await, make_key(&app).await);
        let post = async |path: &str, body: Vec<u8>| -> Answer {
            let request = app.request_at(address, Method::POST, path).header("authorization", &key);
            send(request.body(body)).await
        };
        let get = async |path: &str| send(app.request_at(address, Method::GET, path)).await.text();
        let set = post("/rubygems/set_time", b"1990-01-02T03:04:05Z".to_vec()).await;
        assert_eq!(set.told(), says(200, "1990-01-02T03:04:05Z"));
        assert_eq!(post("/rubygems/api/v1/gems", gem("hola", "1.0.0")).await.status, 200);
        let info = get("/rubygems/info/hola").await;
        assert!(info.ends_with(",created_at:1990-01-02T03:04:05Z\n"), "{info}");
        post("/rubygems/set_time", b"1990-01-03T00:00:00Z\n".to_vec()).await;
        assert_eq!(post("/rubygems/api/v1/gems", gem("hola", "1.1.0")).await.status, 200);
        assert_eq!(post("/rubygems/rebuild_versions_list", Vec::new()).await.status, 200);
        let versions = get("/rubygems/versions").await;
        assert!(
            versions.starts_with("created_at: 1990-01-03T00:00:00Z\n---\nhola 1.0.0,1.1.0 "),
            "{versions}"
        );
        assert_eq!(post("/rubygems/set_time", b"tomorrow".to_vec()).await.status, 400);
    }
}
