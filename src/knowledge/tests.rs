use super::*;

fn tables() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kb"))
}

#[test]
fn the_built_file_is_fresh() {
    let built = build::build(tables()).unwrap();
    assert!(built == EMBEDDED, "kb/wiredesk.kb is stale: run `wiredesk kb build`");
}
