box.innerHTML = comment.text;
