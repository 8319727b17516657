localStorage.setItem("theme", "dark");
export const map = new Map([["token", 1]]);
