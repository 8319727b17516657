export const blocked = ["0.0.0.0"];
export const range = { host: "0.0.0.0" };
