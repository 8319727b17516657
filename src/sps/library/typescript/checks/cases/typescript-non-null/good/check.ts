const root = document.getElementById("root");
if (!root) throw new Error("no element #root");
