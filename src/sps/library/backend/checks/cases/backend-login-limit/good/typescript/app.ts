router.post("/auth/login", login);
