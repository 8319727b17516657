#[cfg(test)]
mod tests {
    impl Store for Fake {
        fn compact(&mut self) {
            unimplemented!()
        }
    }
}

fn name() -> &'static str {
    "todo!()"
}
