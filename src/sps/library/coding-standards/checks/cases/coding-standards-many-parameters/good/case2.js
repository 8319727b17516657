send(1, 2, 3, 4, 5, 6, 7, 8);
function one({ a, b, c, d, e, f, g, h }) {}
