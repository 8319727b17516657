export const check = (signature: Buffer, expected: Buffer) => timingSafeEqual(signature, expected);
