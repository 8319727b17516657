const r = await fetch(req.query.url as string);
