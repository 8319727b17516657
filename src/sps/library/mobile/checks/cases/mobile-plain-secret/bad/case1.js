async function keep(token) {
  await AsyncStorage.setItem("accessToken", token);
}
