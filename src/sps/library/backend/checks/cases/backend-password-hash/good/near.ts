export const etag = (body: string) => createHash("sha256").update(body).digest("hex");
