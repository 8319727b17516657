def failed(self, err):
    self.logger.error("cannot pay: " + str(err))
