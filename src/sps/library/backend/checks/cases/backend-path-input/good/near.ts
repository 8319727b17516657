export const download = (req: Request) => path.join("/srv/files", inside(ROOT, req.params.name));
