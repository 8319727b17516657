document.write(name + "</p>" + x);
