export const salt = () => bcrypt.genSaltSync(10);
