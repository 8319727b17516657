let name = payload["name"] as! String
