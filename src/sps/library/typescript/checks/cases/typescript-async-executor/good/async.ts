export const load = async () => read();
const run = new Task(async () => read());
