class Mail:
    def send(self, to: str, cc: str, bcc: str, subject: str, body: str, sender: str = "", reply: str = "", tag: str = ""):
        return to
