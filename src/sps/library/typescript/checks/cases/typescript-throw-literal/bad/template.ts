function find(id: string) {
  throw `no user ${id}`;
}
