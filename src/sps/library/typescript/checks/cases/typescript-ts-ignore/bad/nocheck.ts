/* @ts-nocheck */
export const total = order.totl;
