const columns = ["email", "userId"];
export const seen = (requests: Counter, route: string) => requests.labels({ route }).inc();
