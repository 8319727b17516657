function done() {
  navigate("/orders");
  window.location.href = "https://pay.example/";
}
