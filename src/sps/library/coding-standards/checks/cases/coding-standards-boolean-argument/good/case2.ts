flags.set("debug", true);
node.addEventListener("x", f, true);
setValue("a", true);
