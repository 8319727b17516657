if (users.some(async (user) => (await load(user)).admin)) allow();
