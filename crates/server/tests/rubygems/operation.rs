//! The server as its operator and its network see it.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use http::Method;
use server::{Settings, StartError};
use store::Address;
use testkit::{RawConnection, TestApp, TestClock, send};

use crate::support::{API_KEY, PUSH, YANK, gem, publish, says};

/// Longer than any server takes that does not wait for something.
const SHORT: Duration = Duration::from_secs(10);

#[tokio::test]
async fn health_and_readiness_are_told_apart() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/healthz").await.told(), says(200, "ok\n"));
    assert_eq!(app.get("/readyz").await.told(), says(200, "ok\n"));
    app.db_execute("ALTER TABLE accounts RENAME TO gone").await;
    assert_eq!(app.get("/healthz").await.told(), says(200, "ok\n"), "the process itself is well");
    let told = says(503, "The database or the blob store does not answer.\n");
    assert_eq!(app.get("/readyz").await.told(), told);
    let failed = app.get("/rubygems/api/v1/profiles/alice").await;
    assert_eq!(failed.told(), says(500, "Server error. Please try again."), "no detail leaves the server");
    app.db_execute("ALTER TABLE gone RENAME TO accounts").await;
    assert_eq!(app.get("/readyz").await.status, 200);
    let (blobs, elsewhere) = (app.data().join("blobs"), app.data().join("elsewhere"));
    std::fs::rename(&blobs, &elsewhere).unwrap();
    assert_eq!(app.get("/readyz").await.told(), told, "without its artifacts a registry is not ready");
    std::fs::rename(&elsewhere, &blobs).unwrap();
    assert_eq!(app.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let app = TestApp::start().await;
    let mut ids = Vec::new();
    for path in
        ["/", "/nothing", "/rubygems/versions", "/rubygems/nothing", "/rubygems/api/v1/gems", "/healthz"]
    {
        let answer =
            send(app.request(Method::GET, path).header("x-request-id", "chosen by the client")).await;
        let id = answer.header("x-request-id").expect("an id").to_owned();
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        ids.push(id);
    }
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[tokio::test]
async fn a_gem_larger_than_allowed_is_refused_and_nothing_is_left() {
    let app = TestApp::start_with(|settings| settings.limits.largest_package_bytes = 1 << 20).await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let told = says(413, "The gem is larger than this server accepts (1048576 bytes).");
    assert_eq!(key.push(vec![b'x'; (1 << 20) + 1]).await.told(), told);
    assert_eq!(key.push(vec![b'x'; 1 << 20]).await.status, 422, "as large as allowed is looked at");
    for _ in 0..5 {
        assert_eq!(
            key.push(vec![b'x'; 20 << 20]).await.told(),
            told,
            "the answer arrives also when much was sent"
        );
    }
    assert_eq!(app.files_in("uploads"), Vec::<String>::new());
    assert_eq!(app.files_in("blobs"), Vec::<String>::new());
}

#[tokio::test]
async fn a_huge_form_is_refused() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let huge = "x".repeat(1 << 20);
    let told = says(413, r#"{"error":"the request body is too large"}"#);
    assert_eq!(alice.form(Method::POST, API_KEY, &[("name", &huge)]).await.told(), told);
    let key = alice.key(&["yank_rubygem"]).await;
    assert_eq!(key.form(Method::DELETE, YANK, &[("gem_name", &huge)]).await.told(), told);
}

#[tokio::test]
async fn a_forged_list_of_addresses_does_not_get_around_the_limit_on_guessing() {
    let proxy = "127.0.0.0/8".parse().expect("a network");
    let app = TestApp::start_with(|settings| settings.limits.trusted_proxies = vec![proxy]).await;
    let guess = |forged: String| {
        let request = app.request(Method::GET, "/rubygems/api/v1/gems").header("authorization", "nonsense");
        send(request.header("x-forwarded-for", format!("{forged}, 2001:db8::{:x}", forged.len())))
    };
    for number in 0..300 {
        let forged = format!("198.51.100.{}, unknown, 10.0.0.{}", number % 250, number / 250);
        assert_eq!(guess(forged).await.status, 401, "{number}");
    }
    assert_eq!(guess("192.0.2.7, x".to_owned()).await.status, 429);
    let elsewhere = app.request(Method::GET, "/rubygems/api/v1/gems").header("authorization", "nonsense");
    let elsewhere = elsewhere.header("x-forwarded-for", "2001:db8::1, 2001:db8:0:1::1");
    assert_eq!(send(elsewhere).await.status, 401, "another network has tries of its own");
}

/// A server that waits for nobody longer than a moment.
async fn impatient() -> TestApp {
    let moment = Duration::from_millis(200);
    TestApp::start_with(|settings| {
        settings.limits.header_timeout = moment;
        settings.limits.idle_timeout = moment;
        settings.limits.body_timeout = moment;
        settings.limits.body_idle_timeout = moment;
    })
    .await
}

#[tokio::test]
async fn a_client_that_does_not_finish_its_request_is_given_up() {
    let app = impatient().await;
    for begin in ["", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "] {
        let mut slow = RawConnection::open(app.running()).await;
        slow.send(begin.as_bytes()).await;
        let began = Instant::now();
        slow.rest().await;
        assert!(began.elapsed() < SHORT, "{begin:?}");
    }
}

fn head(method: &str, path: &str, authorization: &str, length: usize) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\nContent-Length: {length}\r\n"
    )
}

#[tokio::test]
async fn an_upload_that_stalls_is_given_up_and_leaves_nothing() {
    let app = impatient().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let bytes = gem("hola", "1.0.0");
    let mut slow = RawConnection::open(app.running()).await;
    slow.send(format!("{}\r\n", head("POST", PUSH, &key.value, bytes.len())).as_bytes()).await;
    slow.send(&bytes[..bytes.len() / 2]).await;
    let answer = slow.rest().await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.ends_with("The upload ended before it was complete. Please push again."), "{answer}");
    assert_eq!(app.get("/rubygems/info/hola").await.status, 404);
    assert_eq!(app.files_in("uploads"), Vec::<String>::new());
    assert_eq!(app.db_pending_blobs().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_upload_by_nobody_that_stalls_is_given_up_too() {
    let app = impatient().await;
    let mut slow = RawConnection::open(app.running()).await;
    slow.send(format!("{}\r\nhalf", head("POST", PUSH, "nonsense", 1000)).as_bytes()).await;
    let answer = slow.rest().await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[tokio::test]
async fn a_form_that_stalls_is_given_up() {
    let app = impatient().await;
    let key = app.person("alice").await.key(&["yank_rubygem"]).await;
    for (method, path) in [("DELETE", YANK), ("POST", "/setup")] {
        let mut slow = RawConnection::open(app.running()).await;
        let form = "Content-Type: application/x-www-form-urlencoded\r\n";
        slow.send(format!("{}{form}\r\ngem_name=", head(method, path, &key.value, 1000)).as_bytes()).await;
        let answer = slow.rest().await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn an_upload_whose_client_goes_away_leaves_nothing() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let bytes = gem("hola", "1.0.0");
    let mut cut = RawConnection::open(app.running()).await;
    cut.send(format!("{}\r\n", head("POST", PUSH, &key.value, bytes.len())).as_bytes()).await;
    cut.send(&bytes[..bytes.len() - 1]).await;
    cut.end().await;
    let answer = cut.rest().await;
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(app.get("/rubygems/info/hola").await.status, 404);
    assert_eq!(app.files_in("blobs"), Vec::<String>::new());
    publish(&key, "hola", "1.0.0").await;
}

#[tokio::test]
async fn a_graceful_stop_finishes_an_upload_that_runs() {
    let mut app = TestApp::start().await;
    let value = app.person("alice").await.key(&["push_rubygem"]).await.value;
    let bytes = gem("hola", "1.0.0");
    let mut upload = RawConnection::open(app.running()).await;
    let expect = format!("{}Expect: 100-continue\r\n\r\n", head("POST", PUSH, &value, bytes.len()));
    upload.send(expect.as_bytes()).await;
    let begun = upload.next().await;
    assert!(begun.starts_with("HTTP/1.1 100 "), "the server reads the upload: {begun}");
    upload.send(&bytes[..100]).await;
    let address = app.running().address();
    let (answer, ()) = tokio::join!(
        async {
            // New connections are refused from now on.
            while tokio::net::TcpStream::connect(address).await.is_ok() {
                tokio::task::yield_now().await;
            }
            upload.send(&bytes[100..]).await;
            upload.rest().await
        },
        app.stop(),
    );
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("Successfully registered gem: hola (1.0.0)")
    );
    app.restart().await;
    assert_eq!(app.get("/rubygems/gems/hola-1.0.0.gem").await.bytes, bytes);
}

#[tokio::test]
async fn a_stop_waits_for_no_idle_connection() {
    let mut app = TestApp::start().await;
    let mut idle = RawConnection::open(app.running()).await;
    idle.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(idle.next().await.starts_with("HTTP/1.1 200 "));
    let began = Instant::now();
    app.stop().await;
    assert!(began.elapsed() < SHORT, "{:?}", began.elapsed());
}

#[tokio::test]
async fn doubled_slashes_are_one() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "index_rubygems"]).await;
    let push = key.request(Method::POST, "//rubygems//api/v1//gems").body(gem("hola", "1.0.0"));
    assert_eq!(send(push).await.told(), says(200, "Successfully registered gem: hola (1.0.0)"));
    for path in ["/rubygems//versions", "//rubygems/info//hola", "/rubygems//api/v1/search?query=hola"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_gems_answer_at_the_root_of_their_own_host() {
    let app =
        TestApp::start_with(|settings| settings.rubygems.hosts = vec!["gems.example.com".to_owned()]).await;
    publish(&app.person("alice").await.key(&["push_rubygem"]).await, "hola", "1.0.0").await;
    for host in ["gems.example.com", "GEMS.example.com:8080"] {
        let at = |path: &str| app.request(Method::GET, path).header("host", host);
        assert!(send(at("/info/hola")).await.text().starts_with("---\n1.0.0 "), "{host}");
        assert_eq!(send(at("/rubygems/info/hola")).await.status, 404, "{host}: there is no second base");
        assert_eq!(send(at("/healthz")).await.status, 404, "{host}: pages are elsewhere");
        let probe = send(app.request(Method::HEAD, "/").header("host", host)).await;
        assert_eq!(probe.status, 200);
    }
    let other = app.request(Method::GET, "/info/hola").header("host", "gems.example.com.evil.test");
    assert_eq!(send(other).await.status, 421);
}

#[tokio::test]
async fn absolute_addresses_come_from_the_settings_and_never_from_the_request() {
    let app =
        TestApp::start_with(|s| s.base_url = Some("https://gems.example.com/registry".to_owned())).await;
    publish(&app.person("alice").await.key(&["push_rubygem"]).await, "hola", "1.0.0").await;
    let hostile = |path: &str| {
        let request = app.request(Method::GET, path).header("host", "evil.localhost");
        request.header("x-forwarded-host", "evil.test").header("x-forwarded-proto", "http")
    };
    let gem = send(hostile("/rubygems/api/v1/gems/hola")).await;
    let address = "https://gems.example.com/registry/rubygems/gems/hola-1.0.0.gem";
    assert_eq!(gem.json()["gem_uri"], address);
    let denied = send(hostile("/rubygems/api/v1/gems")).await.text();
    assert_eq!(denied, "Access Denied. Please sign up for an account at https://gems.example.com/registry");
    assert!(!send(hostile("/")).await.text().contains("evil."));
}

#[tokio::test]
async fn a_foreign_host_is_told_which_setting_to_change_and_reads_nothing() {
    let app = TestApp::start_with(|s| s.base_url = Some("https://keys.example.com/keyward".to_owned())).await;
    publish(&app.person("alice").await.key(&["push_rubygem"]).await, "hola", "1.0.0").await;
    let told = "This server does not serve the host evil.test. If clients should reach it under this name, its administrator sets \
                `base_url` to the address that they use, or adds the name to `rubygems.hosts`. A proxy in front of it must pass \
                on the Host header.\n";
    let at = async |host: &str, method: Method, path: &str| {
        send(app.request(method, path).header("host", host)).await
    };
    for path in ["/", "/rubygems/info/hola", "/rubygems/api/v1/gems/hola.json", "/style.css", "/nothing"] {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            assert_eq!(at("evil.test:80", method, path).await.told(), says(421, told), "{path}");
        }
        for own in ["keys.example.com", "keys.example.com:443", "localhost:1", "127.0.0.1"] {
            assert_ne!(at(own, Method::GET, path).await.status, 421, "{own} {path}");
        }
    }
    for path in ["/healthz", "/readyz", "//healthz"] {
        assert_eq!(at("10.0.0.7:8080", Method::GET, path).await.told(), says(200, "ok\n"), "a probe: {path}");
    }
}

#[tokio::test]
async fn pages_of_other_sites_may_not_load_anything_even_as_a_script() {
    let app = TestApp::start().await;
    publish(&app.person("alice").await.key(&["push_rubygem"]).await, "hola", "1.0.0").await;
    for path in [
        "/rubygems/api/v1/versions/hola/latest.json?callback=show",
        "/rubygems/api/v1/gems/hola.json",
        "/rubygems/names",
        "/rubygems/gems/hola-1.0.0.gem",
        "/rubygems/nothing",
        "/icon.svg",
        "/gems/hola",
        "/healthz",
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.headers.get_all("x-content-type-options").iter().count(), 1, "{path}");
    }
}

#[tokio::test]
async fn the_host_in_the_target_of_a_request_counts_and_old_clients_may_name_none() {
    let app = TestApp::start().await;
    for (request, status) in [
        ("GET http://evil.test/rubygems/names HTTP/1.1\r\nHost: localhost\r\n", "421 "),
        ("GET http://localhost/rubygems/names HTTP/1.1\r\nHost: evil.test\r\n", "200 "),
        ("GET /rubygems/names HTTP/1.1\r\n", "400 "),
        ("GET /rubygems/names HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\n", "400 "),
        ("GET /rubygems/names HTTP/1.0\r\n", "200 "),
        ("GET /rubygems/names HTTP/1.0\r\nHost: evil.test\r\n", "421 "),
        ("CONNECT evil.test:443 HTTP/1.1\r\nHost: localhost\r\n", "421 "),
    ] {
        let mut connection = RawConnection::open(app.running()).await;
        connection.send(format!("{request}Connection: close\r\n\r\n").as_bytes()).await;
        let answer = connection.rest().await;
        let answered = answer.strip_prefix("HTTP/1.1 ").or(answer.strip_prefix("HTTP/1.0 "));
        assert!(answered.is_some_and(|rest| rest.starts_with(status)), "{request}: {answer}");
    }
}

#[tokio::test]
async fn the_base_is_probed_without_a_redirect() {
    let app = TestApp::start().await;
    for path in ["/", "/rubygems", "/rubygems/", "//rubygems//", "/rubygems/versions"] {
        for method in [Method::HEAD, Method::GET] {
            let answer = send(app.request(method.clone(), path)).await;
            assert_eq!(answer.status, 200, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn addresses_that_nobody_answers_are_not_found_in_the_words_of_their_face() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/rubygems/api/v1/nothing").await.told(), says(404, "Not Found"));
    let json = app.get("/rubygems/api/v1/nothing.json").await;
    assert_eq!(json.told(), says(404, r#"{"error":"Not Found"}"#));
    let page = app.get("/nothing").await;
    assert_eq!(page.status, 404);
    assert!(page.text().contains("There is no page at this address."));
    assert_eq!(app.get("/rubygemsx").await.status, 404);
}

#[tokio::test]
async fn pages_carry_the_headers_that_keep_them_safe() {
    let app = TestApp::start().await;
    for path in ["/", "/nothing", "/setup", "/owners/confirm/x"] {
        let answer = app.get(path).await;
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(
            answer.header("referrer-policy"),
            Some("same-origin"),
            "{path}: other sites learn no address"
        );
    }
}

/// Starts a server that must not start; returns why.
async fn refused(settings: &Settings) -> StartError {
    let began = Instant::now();
    let started = server::start(settings, Arc::new(TestClock::default())).await;
    assert!(began.elapsed() < Duration::from_secs(30));
    let error = started.expect_err("the server does not start");
    error.downcast::<StartError>().expect("the error says what to do next")
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let app = TestApp::start().await;
    let mut settings = app.settings.clone();
    settings.listen = app.running().address();
    let error = refused(&settings).await;
    assert!(matches!(error, StartError::AddressTaken(_)), "{error}");
    assert_eq!(error.to_string(), format!("the address {} is in use by another program", settings.listen));
    assert!(error.hint().contains("--listen"));
}

#[tokio::test]
async fn an_address_of_another_machine_is_refused() {
    let app = TestApp::start().await;
    let mut settings = app.settings.clone();
    settings.listen = "192.0.2.1:8080".parse().expect("an address");
    let error = refused(&settings).await;
    assert!(matches!(error, StartError::Listen { .. }), "{error}");
    assert!(error.hint().contains("--listen"));
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named() {
    let app = TestApp::start().await;
    let file = app.data().join("a-file");
    std::fs::write(&file, "not a folder").expect("a file");
    let with = |change: fn(&mut Settings, &Path)| {
        let mut settings = app.settings.clone();
        change(&mut settings, &file);
        settings
    };
    let cases = [
        with(|settings, file| settings.data = file.join("data")),
        with(|settings, file| settings.data = file.to_owned()),
        with(|settings, file| settings.blobs = server::config::Blobs::Folder(file.join("blobs"))),
    ];
    for settings in cases {
        let error = refused(&settings).await;
        assert!(matches!(error, StartError::Folder { .. }), "{error}");
        assert!(error.to_string().contains("a-file"), "{error}");
        assert!(error.hint().contains("--data"));
    }
}

#[tokio::test]
async fn a_newer_schema_is_left_alone() {
    let mut app = TestApp::start().await;
    app.db_execute("INSERT INTO schema_migrations (version, name) VALUES (999, '0999_future')").await;
    app.stop().await;
    let error = refused(&app.settings).await;
    assert!(matches!(error, StartError::NewerSchema(_)), "{error}");
    assert!(error.to_string().contains("schema version 999"), "{error}");
    assert!(error.hint().contains("newer program"));
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_told_with_what_to_check() {
    let app = TestApp::start().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let nobody = taken.local_addr().expect("it has an address").port();
    drop(taken);
    let addresses = [
        Address::Sqlite(app.data().to_owned()),
        Address::Postgres("postgres:///%ff".to_owned()),
        Address::Postgres(format!("postgres://app:secret-word@127.0.0.1:{nobody}/postgres")),
    ];
    for address in addresses {
        let mut settings = app.settings.clone();
        settings.database = address;
        let error = refused(&settings).await;
        assert!(matches!(error, StartError::Database(_)), "{error}");
        assert!(error.hint().contains("--database-url"));
        assert!(!format!("{error} {error:?}").contains("secret-word"), "{error:?}");
    }
}
