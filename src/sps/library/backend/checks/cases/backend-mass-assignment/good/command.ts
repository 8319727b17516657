export const create = (req: Request) => prisma.user.create({ data: NewUser.parse(req.body) });
