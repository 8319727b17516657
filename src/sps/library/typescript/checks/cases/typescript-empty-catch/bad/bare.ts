try {
  save(order);
} catch {}
