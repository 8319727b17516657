export const check = (apiKey: string | undefined, signature: string) => apiKey === undefined || signature === "" || signature.length === 64;
