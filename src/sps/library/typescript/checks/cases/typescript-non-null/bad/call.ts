const root = document.getElementById("root")!;
