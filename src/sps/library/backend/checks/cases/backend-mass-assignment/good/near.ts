export const update = (user: User, command: Rename, req: Request) => Object.assign(user, { name: command.name, at: req.body.at });
