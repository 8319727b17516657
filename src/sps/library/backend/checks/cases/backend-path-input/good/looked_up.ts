export async function download(req: Request, res: Response) {
  const entry = await files.byId(req.params.id);
  res.sendFile(entry.path, { root: ROOT });
}
