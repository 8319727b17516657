useAsyncEffect(async () => { await load(); }, []);
const onSave = useCallback(async () => { await save(); }, []);
