const user = userSchema.parse(await response.json());
const copy = structuredClone(user) as User;
