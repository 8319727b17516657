package shop

var cfg = &ssh.ClientConfig{HostKeyCallback: ssh.InsecureIgnoreHostKey()}
