export const download = (req: Request, res: Response) => res.sendFile(path.join("/srv/files", req.params.name));
