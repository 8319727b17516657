/* FIXME: rounding */
const y = 2;
