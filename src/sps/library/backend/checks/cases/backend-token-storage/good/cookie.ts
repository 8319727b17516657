export const login = (body: Login) => fetch("/login", { method: "POST", credentials: "include", body: JSON.stringify(body) });
