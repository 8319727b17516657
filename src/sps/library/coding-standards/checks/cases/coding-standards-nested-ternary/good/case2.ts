const x = a ? f(b ? 1 : 2) : 3;
