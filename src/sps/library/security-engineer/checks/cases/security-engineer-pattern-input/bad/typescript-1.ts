const rx = new RegExp(req.query.q as string, "i");
