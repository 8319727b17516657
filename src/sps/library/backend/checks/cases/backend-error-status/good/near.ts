export const pay = (res: Response) => res.status(200).json({ id: 1, errorCount: 0 });
