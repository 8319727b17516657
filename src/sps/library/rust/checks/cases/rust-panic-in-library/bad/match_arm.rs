impl Kind {
    pub fn of(name: &str) -> Kind {
        match name {
            "a" => Kind::A,
            other => panic!("unknown kind {other}"),
        }
    }
}
