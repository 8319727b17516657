export const login = (res: Response, token: string) => res.cookie("authToken", token, { httpOnly: true });
