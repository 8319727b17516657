import queue

inbox = queue.Queue()
