export const update = (user: User, req: Request) => Object.assign(user, req.body);
