export const jobs = new PQueue({ ...defaults });
export const list = new Queue("orders");
