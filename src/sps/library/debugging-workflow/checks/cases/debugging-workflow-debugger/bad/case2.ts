items.map((i) => { debugger; return i; });
