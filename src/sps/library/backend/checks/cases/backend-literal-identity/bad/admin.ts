export const mayExport = (user: User) => user.username == "admin";
