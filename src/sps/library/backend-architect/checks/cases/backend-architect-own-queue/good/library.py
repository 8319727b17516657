@app.task(retry=3)
def send_mail(order_id):
    mail(order_id)
