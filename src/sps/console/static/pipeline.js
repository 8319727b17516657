// The pipeline editor: line numbers beside the text, and mistakes that lead to their line.
const text = document.getElementById("text");
const gutter = document.getElementById("gutter");

function number() {
  const count = text.value.split("\n").length;
  if (gutter.childElementCount === count) return;
  gutter.replaceChildren(...Array.from({ length: count }, (_, n) => Object.assign(document.createElement("span"), { textContent: String(n + 1) })));
  gutter.scrollTop = text.scrollTop;
}

function mark() {
  const wrong = new Set([...document.querySelectorAll("#verdict [data-line]")].map((one) => Number(one.dataset.line)));
  [...gutter.children].forEach((one, n) => one.classList.toggle("wrong", wrong.has(n + 1)));
}

function lead(line, column) {
  const lines = text.value.split("\n");
  const at = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const end = at + (lines[line - 1] || "").length;
  text.focus();
  text.setSelectionRange(Math.min(at + column - 1, end), end);
  text.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(text).lineHeight));
}

if (text && gutter) {
  number();
  mark();
  text.addEventListener("input", number);
  text.addEventListener("scroll", () => { gutter.scrollTop = text.scrollTop; });
  document.addEventListener("sps:fresh", mark);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-line]");
    if (!link) return;
    event.preventDefault();
    lead(Number(link.dataset.line), Number(link.dataset.column));
  });
}
