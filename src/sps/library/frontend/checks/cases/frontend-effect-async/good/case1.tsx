useEffect(() => {
  async function run() { setUser(await load(id)); }
  run().catch(report);
}, [id]);
