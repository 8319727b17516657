export const age = meter.createGauge("queue.age.mean");
