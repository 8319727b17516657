const text = "container.querySelector";
const node = editor.view.querySelector(".x");
