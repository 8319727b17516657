const keep = (word) => AsyncStorage.setItem("user_password", word);
