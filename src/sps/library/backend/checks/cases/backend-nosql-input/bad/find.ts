export const login = (req: Request) => User.findOne({ name: req.body.name, password: req.body.password });
