const f = (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h = 1) => a;
