const r = await axios.post(target, req.body);
const s = await fetch(`${BASE}/x`, { body: req.body.text });
