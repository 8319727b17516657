// @ts-ignore
const total = order.totl;
