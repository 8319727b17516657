const x = a ? (b ? 1 : 2) : 3;
