def page(url):
    tab = browser.open(url)
    return tab.read() + browser.open(url).read()
