fn first(list: &[u8]) -> u8 {
    // the caller checked that the list is not empty
    let first = list.first().unwrap();
    self.expect(Token::Comma)?;
    *first + NonZeroU8::new(1).unwrap().get()
}
