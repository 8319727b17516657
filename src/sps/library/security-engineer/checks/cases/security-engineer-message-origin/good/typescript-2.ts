worker.addEventListener("message", (event) => apply(event.data));
window.addEventListener("message", onMessage);
window.addEventListener("click", (e) => apply(e.data));
