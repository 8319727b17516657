export async function context(key: string, fetch: (name: string) => Promise<Data>) {
  return fetch(key);
}
