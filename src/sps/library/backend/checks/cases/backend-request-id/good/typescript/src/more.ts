app.use((req, _res, next) => run({ requestId: req.get("x-request-id") ?? randomUUID() }, next));
