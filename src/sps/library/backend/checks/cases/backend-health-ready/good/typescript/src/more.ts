app.get("/health/ready", ready);
