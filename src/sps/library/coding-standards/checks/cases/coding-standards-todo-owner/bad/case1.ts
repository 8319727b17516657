// TODO make this faster
const x = 1;
