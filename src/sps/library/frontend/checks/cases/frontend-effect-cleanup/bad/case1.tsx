useEffect(() => {
  window.addEventListener("resize", onResize);
}, []);
