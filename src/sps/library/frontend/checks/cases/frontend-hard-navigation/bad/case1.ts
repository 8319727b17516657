function done() {
  window.location.href = "/orders";
}
