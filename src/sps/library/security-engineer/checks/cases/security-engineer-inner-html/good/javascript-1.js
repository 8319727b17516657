node.textContent = name;
document.write("<p></p>");
