export const mayExport = (user: User) => user.permissions.includes("export");
