export const read = (req: Request) => fs.readFileSync(`/srv/files/${req.query.name}`);
