useEffect(() => {
  if (!live) return;
  const timer = setInterval(poll, 5000);
}, [live]);
