export async function loadUser(id: string): Promise<User> {
  const response = await fetch(`/users/${id}`);
  return userSchema.parse(await response.json());
}
