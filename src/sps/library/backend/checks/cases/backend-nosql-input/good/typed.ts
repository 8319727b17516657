export const login = (req: Request) => {
  const { name } = Login.parse(req.body);
  return User.findOne({ name: { $eq: name } });
};
