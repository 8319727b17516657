export const jobs = new PQueue();
