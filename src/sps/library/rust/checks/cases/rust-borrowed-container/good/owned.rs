pub fn keep(name: String, rows: Vec<Row>) -> Box<dyn Fn(&String) -> bool> {
    let first: &String = &name;
    Box::new(move |text| text == first)
}
