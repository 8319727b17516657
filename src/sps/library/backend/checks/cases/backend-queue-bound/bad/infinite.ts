export const jobs = new PQueue({ concurrency: Infinity });
