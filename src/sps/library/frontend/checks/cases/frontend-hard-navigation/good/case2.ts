const here = window.location.href;
window.location.href = "/api/export.csv";
const path = window.location.pathname === "/orders";
