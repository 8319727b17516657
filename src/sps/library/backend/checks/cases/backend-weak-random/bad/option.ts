export const session = { user: "a", sessionId: `s${Math.random()}` };
