export const pay = (res: Response) => res.status(200).json({ error: "closed" });
