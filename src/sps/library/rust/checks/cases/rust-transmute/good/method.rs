fn run(alchemist: &Alchemist) -> Gold {
    alchemist.transmute(Lead);
    std::mem::replace(&mut gold, Gold)
}
