const rx = RegExp(req.body.pattern);
