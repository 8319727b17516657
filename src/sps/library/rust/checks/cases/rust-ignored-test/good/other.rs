#[derive(Debug)]
struct Row {
    #[serde(ignore)]
    id: u32,
}
