export const send = (url: string, body: string) => fetch(url, { method: "POST", body });
