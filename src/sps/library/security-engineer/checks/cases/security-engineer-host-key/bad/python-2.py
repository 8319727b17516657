conn = await asyncssh.connect(host, known_hosts=None)
