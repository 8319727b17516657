text = "we use indexes (b-tree) here"
q = "SHOW enable_seqscan"
