class A {
  constructor(private a: A1, private b: B1, private c: C1, private d: D1, private e: E1, private f: F1, private g: G1, private h: H1) {}
}
send(1, 2, 3, 4, 5, 6, 7, 8);
function one({ a, b, c, d, e, f, g, h }: Many) {}
