package cloud

var client = newClient("AKIAQ3EGRZBCFHJKLMNP")
