window.addEventListener("message", (event) => {
  if (event.origin !== ORIGIN) return;
  apply(event.data);
});
