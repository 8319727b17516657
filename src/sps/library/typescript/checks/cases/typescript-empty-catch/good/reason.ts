try {
  localStorage.setItem("seen", "1");
} catch {
  // storage is full or switched off; the hint is shown again
}
