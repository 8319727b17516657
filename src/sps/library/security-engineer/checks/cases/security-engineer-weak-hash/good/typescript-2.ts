const name = "md5";
const x = make("md5");
