// The limit protects the provider
const c = 5;
