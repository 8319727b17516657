export const check = (user: User, field: string) => field === "email" || user.role === "admin" || user.email === "";
