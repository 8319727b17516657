app.use(cors({ origin: "*" }));
app.use(cors({ origin: ORIGINS, credentials: true }));
