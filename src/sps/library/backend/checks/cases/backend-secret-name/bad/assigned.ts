export const apiKey = "f3a91c77d2b84e0f";
