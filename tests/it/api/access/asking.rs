//! Whom to ask for a right: one's own page and `/me` name the account's administrators (S5).

use crate::api::access::scene::Scene;
use crate::world::browser::password;

/// S5: in either language; nobody, where nobody administers it.
#[tokio::test]
async fn s5_ones_own_page_names_the_accounts_administrators() {
    let scene = Scene::new().await;
    let ann = scene.seat.sign_in(&scene.ann, password()).await;
    let page = scene.seat.get(&ann.by_cookie(), "/").await;
    assert!(page.text.contains("<dt>To ask for rights</dt>\n<dd>admin</dd>"), "{}", page.text);
    let me = scene.seat.get(&ann.by_cookie(), "/api/v1/me").await;
    let expected = scene.admin.session.user.to_string();
    assert_eq!(me.body["administrators"][0]["id"], expected, "{}", me.text);
    assert_eq!(me.body["administrators"].as_array().map(Vec::len), Some(1));

    scene.seat.test.database.run("DELETE FROM seed_grants").await;
    let page = scene.seat.get(&ann.by_cookie(), "/").await;
    assert!(page.text.contains("nobody administers this account yet"), "{}", page.text);
    let me = scene.seat.get(&ann.by_cookie(), "/api/v1/me").await;
    assert_eq!(me.body["administrators"].as_array().map(Vec::len), Some(0));
}
