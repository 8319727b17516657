package shop

var cfg = &ssh.ClientConfig{HostKeyCallback: ssh.FixedHostKey(key)}
