function f(a: A) {
  for (const x of a) {
    if (x) {
      while (x.y) {
        try {
          if (x.z) g();
        } catch (e) { h(e); }
      }
    }
  }
}
