const r = await fetch(hosts[req.query.host as string]);
