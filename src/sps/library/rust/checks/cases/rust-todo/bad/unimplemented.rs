impl Store for Memory {
    fn compact(&mut self) {
        unimplemented!("compaction");
    }
}
