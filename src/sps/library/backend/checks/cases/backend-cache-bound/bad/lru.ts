export const rates = new NodeCache();
