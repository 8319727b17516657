# the page lists what is to do
todo = "TODO: later"
