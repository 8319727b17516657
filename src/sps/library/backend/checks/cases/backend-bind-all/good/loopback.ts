app.listen(3000, "127.0.0.1");
await app.listen({ port: 3000, host: settings.host });
