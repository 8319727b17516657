// Refactored to use the new client
const c = make();
