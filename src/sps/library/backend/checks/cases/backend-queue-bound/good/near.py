from kombu import Queue

orders = Queue("orders")
