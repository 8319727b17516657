export function choose(res: Response, id: string) {
  res.cookie("theme", "dark");
  res.cookie("session", id, { ...COOKIE });
  res.set("session", id);
}
