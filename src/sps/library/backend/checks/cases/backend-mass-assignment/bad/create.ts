export const create = (req: Request) => prisma.user.create({ data: req.body });
