app.enableCors({ origin: "*", methods: ["GET"], credentials: true });
