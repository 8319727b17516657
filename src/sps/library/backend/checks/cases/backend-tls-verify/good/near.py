def load(package, signer, settings):
    package.read(verify=False)
    signer.check(verify=settings.verify)
