if (value == null || other != undefined) return;
const equal = "a == b";
