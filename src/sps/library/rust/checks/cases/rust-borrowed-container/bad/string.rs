pub fn greet(name: &String) -> String {
    format!("hello {name}")
}
