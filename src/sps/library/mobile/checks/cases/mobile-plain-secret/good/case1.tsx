async function keep(token) {
  await SecureStore.setItemAsync("accessToken", token);
}
