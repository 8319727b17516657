def poll(job):
    time.sleep(1)
    return requests.get(job.url, timeout=5)
