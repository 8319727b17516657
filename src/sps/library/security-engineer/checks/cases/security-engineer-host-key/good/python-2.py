conn = await asyncssh.connect(host, known_hosts=path)
read(known_hosts=None)
