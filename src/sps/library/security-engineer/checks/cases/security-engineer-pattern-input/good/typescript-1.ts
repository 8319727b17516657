const rx = new RegExp(escapeRegExp(req.query.q as string));
