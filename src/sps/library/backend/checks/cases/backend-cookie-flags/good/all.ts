export const login = (res: Response, id: string) => res.cookie("session", id, { httpOnly: true, secure: true, sameSite: "lax" });
