// @ts-expect-error the library's types lack `totl` until 4.2
const total = order.totl;
