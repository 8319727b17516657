AsyncStorage.setItem("theme", "dark");
AsyncStorage.getItem("accessToken");
AsyncStorage.setItem("passwordHintShown", "1");
