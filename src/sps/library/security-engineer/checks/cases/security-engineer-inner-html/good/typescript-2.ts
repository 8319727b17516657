list.insertAdjacentHTML("beforeend", DOMPurify.sanitize(html));
box.innerHTML = `<hr>`;
const html = box.innerHTML;
