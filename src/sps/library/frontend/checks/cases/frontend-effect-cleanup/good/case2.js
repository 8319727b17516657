useEffect(() => {
  window.addEventListener("load", ready, { once: true });
}, []);
useEffect(() => {
  const stop = () => clearInterval(timer);
  const timer = setInterval(poll, 5000);
  return stop;
}, []);
