export const token = (claims: object) => jwt.sign(claims, "", { algorithm: "none" });
