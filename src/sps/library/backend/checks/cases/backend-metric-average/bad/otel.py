def instruments(meter):
    return meter.create_gauge("mean_queue_age")
