export const claims = (token: string, key: string) => jwt.verify(token, key, { algorithms: ["ES256"], audience: "orders" });
