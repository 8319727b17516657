export async function loadUser(id: string): Promise<User> {
  const response = await fetch(`/users/${id}`);
  return response.json();
}
