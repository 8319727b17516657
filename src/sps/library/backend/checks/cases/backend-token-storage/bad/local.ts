export const keep = (token: string) => localStorage.setItem("access_token", token);
