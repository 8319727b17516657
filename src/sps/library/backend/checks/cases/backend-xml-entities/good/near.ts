export const options = { noent: true };
