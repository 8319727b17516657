const size = Number.parseInt(text.trim()) + 1;
