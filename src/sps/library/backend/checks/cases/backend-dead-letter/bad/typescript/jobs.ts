import { Worker } from "bullmq";

export const worker = new Worker("mail", handle);
