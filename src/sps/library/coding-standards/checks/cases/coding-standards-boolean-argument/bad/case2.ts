client.upload(path, false, 3);
