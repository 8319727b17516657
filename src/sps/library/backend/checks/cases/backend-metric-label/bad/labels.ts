export const seen = (requests: Counter, route: string, userId: string) => requests.labels({ route, userId }).inc();
