const client = new Client();
export default client;
