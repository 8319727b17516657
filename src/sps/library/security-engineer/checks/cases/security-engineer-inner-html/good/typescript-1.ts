box.textContent = comment.text;
box.innerHTML = "";
