export const pay = (res: Response) => res.status(409).json({ error: "closed" });
