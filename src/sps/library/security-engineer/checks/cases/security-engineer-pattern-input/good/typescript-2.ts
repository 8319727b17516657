const rx = new RegExp(PATTERN, "i");
const ok = rx.test(req.query.q as string);
