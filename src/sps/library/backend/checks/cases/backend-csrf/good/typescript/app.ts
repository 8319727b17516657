import session from "express-session";

app.use(session(options));
app.use(checkSite);
