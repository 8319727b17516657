// The board beyond reading it: dialogs, keys, dragging.
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-open]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.open)?.showModal();
  }
  if (event.target.closest?.("[data-close]")) event.target.closest("dialog")?.close();
});
