package shop

func f() ssh.HostKeyCallback {
	return ssh.InsecureIgnoreHostKey()
}
