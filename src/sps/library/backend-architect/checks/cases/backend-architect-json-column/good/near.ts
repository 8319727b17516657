export const read = (res: Response) => res.json();
