const kinds = ["a", "b"] as const;
const kind = (value as string).trim() as Kind;
