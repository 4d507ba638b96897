//! `/api/v1/search`.

use testkit::TestApp;

use crate::support::{publish, says, yank};

async fn names(app: &TestApp, query: &str) -> Vec<String> {
    let list = app.get(&format!("/rubygems/api/v1/search.json?query={query}")).await.json();
    list.as_array()
        .expect("a list")
        .iter()
        .map(|gem| gem["name"].as_str().expect("a name").to_owned())
        .collect()
}

#[tokio::test]
async fn gems_are_found_by_parts_of_their_names_best_match_first() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    for name in ["rack-test", "rack", "crack", "other"] {
        publish(&key, name, "1.0.0").await;
    }
    assert_eq!(names(&app, "rack").await.first().map(String::as_str), Some("rack"), "the exact name");
    let mut found = names(&app, "RACK").await;
    found.sort();
    assert_eq!(found, ["crack", "rack", "rack-test"]);
    yank(&key, "crack", "1.0.0").await;
    assert_eq!(names(&app, "crack").await, Vec::<String>::new(), "yanked gems are not found");
    for special in ["%25", "_", "%27%3B--", "a%00"] {
        let answer = app.get(&format!("/rubygems/api/v1/search.json?query={special}")).await;
        assert!(matches!(answer.status.as_u16(), 200 | 400), "{special}: {}", answer.text());
        assert!(
            answer.status == 400 || answer.text() == "[]",
            "{special} stands for itself: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn results_leave_out_what_costs_more_than_it_tells() {
    let app = TestApp::start().await;
    publish(&app.person("alice").await.key(&["push_rubygem"]).await, "hola", "1.0.0").await;
    let list = app.get("/rubygems/api/v1/search?query=hola").await.json();
    let gem = list[0].as_object().expect("a gem");
    assert!(gem.contains_key("sha") && gem.contains_key("version"));
    for field in ["yanked", "spec_sha", "version_created_at", "dependencies"] {
        assert!(!gem.contains_key(field), "{field}");
    }
    let yaml = app.get("/rubygems/api/v1/search.yaml?query=hola").await;
    assert!(yaml.text().starts_with("---\n- name: hola\n"));
}

#[tokio::test]
async fn pages_have_thirty_results_and_a_strange_page_leads_to_the_first() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    for number in 10..42 {
        publish(&key, &format!("hola{number}"), "1.0.0").await;
    }
    assert_eq!(names(&app, "hola").await.len(), 30);
    assert_eq!(names(&app, "hola&page=2").await.len(), 2);
    assert_eq!(names(&app, "hola&page=3").await.len(), 0);
    for page in ["0", "1001", "-1", "x"] {
        let answer = app.get(&format!("/rubygems/api/v1/search.json?query=hola&page={page}")).await;
        assert!(answer.status.is_redirection(), "{page}: {}", answer.status);
        assert_eq!(answer.header("location"), Some("search.json?query=hola&page=1"), "{page}");
    }
}

#[tokio::test]
async fn a_search_for_nothing_is_a_bad_request() {
    let app = TestApp::start().await;
    let told = says(400, r#"{"error":"Request is missing param 'query'"}"#);
    assert_eq!(app.get("/rubygems/api/v1/search").await.told(), told);
    assert_eq!(app.get("/rubygems/api/v1/search.json").await.told(), told);
}

#[tokio::test]
async fn names_are_completed() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    for name in ["rack", "rack-test", "other"] {
        publish(&key, name, "1.0.0").await;
    }
    let answer = app.get("/rubygems/api/v1/search/autocomplete?query=rac").await;
    assert_eq!(answer.told(), says(200, r#"["rack","rack-test"]"#));
}
