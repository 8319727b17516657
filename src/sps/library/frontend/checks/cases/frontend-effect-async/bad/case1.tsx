useEffect(async () => {
  setUser(await load(id));
}, [id]);
