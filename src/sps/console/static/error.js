// The number of a failed request into the clipboard; a fetched page is asked for again, a form is not.
const button = document.getElementById("copy");
if (button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(document.getElementById("trace").textContent);
      button.textContent = button.dataset.copied;
    } catch {
      window.getSelection().selectAllChildren(document.getElementById("trace"));
    }
  });
}
