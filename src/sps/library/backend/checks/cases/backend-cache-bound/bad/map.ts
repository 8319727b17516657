const rateCache = new Map<string, Rate>();
