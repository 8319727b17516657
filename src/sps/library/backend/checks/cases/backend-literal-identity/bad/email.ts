export const mayExport = (user: User) => user.email === "anna@shop.example";
