const r = await axios.get(req.body.callback, { timeout: 5000 });
