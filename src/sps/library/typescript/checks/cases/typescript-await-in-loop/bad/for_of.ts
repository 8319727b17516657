async function load(ids: string[]) {
  const users = [];
  for (const id of ids) users.push(await fetchUser(id));
  return users;
}
