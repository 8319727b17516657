export const jobs = new PQueue({ concurrency: 4 });
