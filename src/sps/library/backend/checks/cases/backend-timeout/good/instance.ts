export async function send(url: string) {
  const axios = await configuredClient();
  return axios.get(url);
}
