export async function context(fields: string[]) {
  const fetch = async (names: string[]) => load(names);
  return fetch(fields);
}
