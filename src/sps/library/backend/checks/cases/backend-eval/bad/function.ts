export const make = (body: string) => new Function("x", body);
